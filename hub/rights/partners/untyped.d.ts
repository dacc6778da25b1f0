// The part of oidc-provider that is used here; the package has no declarations of its own.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  interface Model {
    save(ttl?: number): Promise<string>;
  }
  interface Interaction extends Model {
    readonly uid: string;
    readonly exp: number;
    readonly returnTo: string;
    readonly params: Readonly<Record<string, string | undefined>>;
    result?: Readonly<Record<string, unknown>>;
  }
  interface GrantModel extends Model {
    addOIDCScope(scope: string): void;
    rejectOIDCScope(scope: string): void;
  }
  interface KoaContext {
    readonly response: {
      get(name: string): string | string[] | undefined;
      set(name: string, value: string[]): void;
      remove(name: string): void;
    };
    type: string;
    body: unknown;
  }
  export class Provider {
    constructor(issuer: string, configuration: object);
    readonly Interaction: { find(uid: string): Promise<Interaction | undefined> };
    readonly Grant: new (payload: {
      accountId: string;
      clientId: string;
    }) => GrantModel;
    use(middleware: (context: KoaContext, next: () => Promise<void>) => Promise<void>): this;
    on(event: string, listener: (context: KoaContext, error: Error) => void): this;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  }
  export type { Interaction };
}

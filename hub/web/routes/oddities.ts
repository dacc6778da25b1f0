import { categories } from '../../../firmware/protocol/quantities.ts';
import { Type } from '../../../firmware/schema/type.ts';
import { ownSubjects } from '../access.ts';
import type { Web, WebContext } from '../context.ts';
import { odditiesOf } from '../oddities.ts';

const Reading = Type.Union([Type.Number(), Type.Null()]);
const CategoryName = Type.Enum([...categories]);
const common = { subject: Type.String(), device: Type.String(), end: Type.String() };
const Oddities = Type.Object({
  conflicts: Type.Array(
    Type.Object({
      ...common,
      seq: Type.Integer(),
      at: Type.String(),
      label: Type.String(),
      category: CategoryName,
      unit: Type.String(),
      kept: Reading,
      other: Reading,
    }),
  ),
  unknown: Type.Array(Type.Object({ ...common, code: Type.Integer(), value: Reading })),
  doubted: Type.Array(Type.Object({ ...common, label: Type.String(), category: CategoryName, why: Type.String() })),
});

/** What did not fit: second values, quantities of newer devices, values and times that cannot be. */
export function oddityRoutes(web: Web, { house }: WebContext): void {
  web.get(
    '/api/v1/oddities',
    {
      config: { access: 'own' },
      schema: {
        summary: 'What was kept and did not fit: second values, unknown quantities, doubtful values and times',
        response: { 200: Oddities },
      },
    },
    async (request) => {
      const own = ownSubjects(request.who);
      const { store } = house;
      return odditiesOf(
        store
          .subjects()
          .filter((one) => own.includes(one))
          .map((one) => store.vault(one)),
      );
    },
  );
}

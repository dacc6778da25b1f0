/**
 * The camera's view of somebody who opens the page and saw the camera on it before: asked for while the rest of the page still loads, since
 * it takes longest. On its own and small, so that it runs first. An offer of somebody who is not signed in any more is refused by the hub.
 */
import { openView, type View } from './whep.ts';

const REMEMBERED = 'hearth-camera';
/** The page is there well within this; a view that nobody took is let go. */
const TAKE_WITHIN_MS = 8000;

const isHome = location.hash === '' || location.hash === '#' || location.hash === '#/';
let view: View | undefined = isHome && localStorage.getItem(REMEMBERED) === 'yes' ? openView() : undefined;
if (view !== undefined)
  setTimeout(() => {
    view?.close();
    view = undefined;
  }, TAKE_WITHIN_MS);

/** The view that was asked for already, once; else one is asked for now. */
export function firstView(): View {
  localStorage.setItem(REMEMBERED, 'yes');
  const taken = view ?? openView();
  view = undefined;
  return taken;
}

/** The next who opens the page here need not be who may watch. */
export function forgetFirstView(): void {
  localStorage.removeItem(REMEMBERED);
  view?.close();
  view = undefined;
}

const KEY = "tiao.signed-in";

/** The session is out of a script's reach; this only spares asking for one that was never begun. */
export const isMarked = () => localStorage.getItem(KEY) !== null;

export function mark(isSignedIn: boolean): void {
  if (isSignedIn) localStorage.setItem(KEY, "1");
  else localStorage.removeItem(KEY);
}

const KEY = "tiao.signed-in";

/** The session itself is out of a script's reach; this only spares asking for one that was never begun. */
export const isMarkedSignedIn = () => localStorage.getItem(KEY) !== null;

export function markSignedIn(isSignedIn: boolean): void {
  if (isSignedIn) localStorage.setItem(KEY, "1");
  else localStorage.removeItem(KEY);
}

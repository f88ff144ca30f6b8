import type { Schemas } from "@tiao/api";
import { createContext, useContext } from "react";

const Context = createContext<Schemas["SignedIn"] | null>(null);

export const WhoProvider = Context.Provider;

/** Who is signed in; below a Wallet's pages there is always somebody. */
export function useWho(): Schemas["SignedIn"] {
  const who = useContext(Context);
  if (!who) throw new Error("nobody is signed in here");
  return who;
}

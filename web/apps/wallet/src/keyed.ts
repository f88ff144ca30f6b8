// The key of a change: the same thing asked again is the same change, something else another; done, it is forgotten.
import { once } from "@tiao/api";
import { useRef } from "react";

type Header = ReturnType<typeof once>;

export function keyedBy(make: () => Header) {
  let kept: { said: string; header: Header } | null = null;
  return {
    of(asked: unknown): Header {
      const said = JSON.stringify(asked);
      if (kept?.said !== said) kept = { said, header: make() };
      return kept.header;
    },
    done() {
      kept = null;
    },
  };
}

export function useKeyed() {
  const keyed = useRef<ReturnType<typeof keyedBy> | null>(null);
  keyed.current ??= keyedBy(once);
  return keyed.current;
}

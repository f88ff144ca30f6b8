import { useSpeech } from "@tiao/ui";
import type { ReactNode } from "react";

/** An amount, its digits under one another. */
export function Money({ minor, currency }: { minor: number; currency?: string }) {
  const { money } = useSpeech();
  return <span className="money">{money(minor, currency)}</span>;
}

/** An id, shortened for the eye and whole for the pointer; *link* leads to its page where it has one. */
export function Short({ of, link }: { of: string; link?: (text: string) => ReactNode }) {
  const text = `${of.slice(0, 12)}…`;
  return (
    <span className="id" title={of}>
      {link ? link(text) : text}
    </span>
  );
}

import { useSpeech } from "@tiao/ui";
import { Link } from "wouter";
import { pageOf } from "./Find";

/** An amount, its digits under one another. */
export function Money({ minor, currency }: { minor: number; currency?: string }) {
  const { money } = useSpeech();
  return <span className="money">{money(minor, currency)}</span>;
}

/** An id, shortened for the eye, whole for the pointer and the clipboard, leading to its page where it has one. */
export function Id({ of }: { of: string }) {
  const page = pageOf(of);
  const short = `${of.slice(0, 12)}…`;
  return (
    <span className="id" title={of}>
      {page ? <Link href={page}>{short}</Link> : short}
    </span>
  );
}

import { Short } from "@tiao/desk/Shown";
import { Link } from "wouter";
import { pageOf } from "./Find";

export { Money } from "@tiao/desk/Shown";

/** An id, leading to its page where the console has one. */
export function Id({ of }: { of: string }) {
  const page = pageOf(of);
  return page ? <Short of={of} link={(text) => <Link href={page}>{text}</Link>} /> : <Short of={of} />;
}

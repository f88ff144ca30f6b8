// What a list is narrowed to stands in the address: it can be sent to somebody, and going back brings it back.
import { useSearchParams } from "wouter";

/** The filters of a page by name, and a way to set one; nothing takes it out of the address. */
export function useFilters<Name extends string>(
  ...names: Name[]
): [Partial<Record<Name, string>>, (name: Name, value: string | null | undefined) => void] {
  const [search, setSearch] = useSearchParams();
  return [read(search, names), (name, value) => setSearch((now) => withFilter(now, name, value), { replace: true })];
}

export function read<Name extends string>(search: URLSearchParams, names: Name[]): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = search.get(name);
    if (value) found[name] = value;
  }
  return found;
}

export function withFilter(search: URLSearchParams, name: string, value: string | null | undefined): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

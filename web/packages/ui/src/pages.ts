// Lists come page by page, by cursor; what was read stays while more is read.
import { useInfiniteQuery } from "@tanstack/react-query";

export interface Page<Row> {
  data: Row[];
  has_more: boolean;
  next: string | null;
}

export function usePages<Row>(key: unknown[], read: (after: string | undefined) => Promise<{ data?: Page<Row> }>) {
  const pages = useInfiniteQuery({
    queryKey: key,
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam }) => {
      const { data } = await read(pageParam);
      if (!data) throw new Error("a page was answered without a body");
      return data;
    },
    getNextPageParam: (last) => (last.has_more ? (last.next ?? undefined) : undefined),
  });
  return { ...pages, rows: pages.data?.pages.flatMap((page) => page.data) ?? [] };
}

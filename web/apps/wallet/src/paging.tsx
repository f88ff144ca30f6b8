import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";

export { usePages };

/** The rest of a list, asked for by hand. */
export function More<Row>({ pages }: { pages: ReturnType<typeof usePages<Row>> }) {
  const { t } = useSpeech();
  if (!pages.hasNextPage) return null;
  return (
    <button
      type="button"
      className="plain"
      disabled={pages.isFetchingNextPage}
      onClick={() => void pages.fetchNextPage()}
    >
      {t("list.more")}
    </button>
  );
}

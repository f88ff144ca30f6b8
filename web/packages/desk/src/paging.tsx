import { Button, Table, type TableProps } from "antd";
import { useSpeech } from "@tiao/ui";
import type { usePages } from "@tiao/ui/pages";
import { Refusal } from "./Refusal";

type Pages<Row> = ReturnType<typeof usePages<Row>>;

/** A list with its columns; more of it is asked for at its end. */
export function List<Row extends object>({
  pages,
  ...table
}: { pages: Pages<Row> } & Omit<TableProps<Row>, "dataSource" | "pagination" | "loading">) {
  const { t } = useSpeech();
  return (
    <>
      <Refusal error={pages.error} />
      <Table<Row>
        size="small"
        rowKey="id"
        scroll={{ x: "max-content" }}
        {...table}
        dataSource={pages.rows}
        loading={pages.isPending}
        pagination={false}
      />
      {pages.hasNextPage && (
        <Button type="link" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
          {t("list.more")}
        </Button>
      )}
    </>
  );
}

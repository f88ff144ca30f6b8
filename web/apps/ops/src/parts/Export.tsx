import { client, once } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useMay } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import type { Page } from "@tiao/ui/pages";
import { useMutation } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { csvOf } from "./exporting";

const ROWS_MAX = 10_000;

/** Takes a list out as a file, all its pages, with a reason that is kept. */
export function Export<Row>(props: {
  list: string;
  filters: string;
  head: string[];
  read: (after: string | undefined) => Promise<{ data?: Page<Row> }>;
  row: (row: Row) => (string | number | null)[];
}) {
  const { t } = useSpeech();
  const may = useMay("exports:write");
  const [isAsking, setAsking] = useState(false);
  const take = useMutation({
    mutationFn: async (reason: string) => {
      const rows: (string | number | null)[][] = [];
      let after: string | undefined;
      do {
        const { data } = await props.read(after);
        rows.push(...(data?.data ?? []).map(props.row));
        after = data?.has_more ? (data.next ?? undefined) : undefined;
      } while (after && rows.length < ROWS_MAX);
      const body = { list: props.list, filters: props.filters, rows: rows.length, reason };
      const { data: mark } = await client.POST("/v1/exports", { params: { header: once() }, body });
      save(`${props.list}.csv`, csvOf(props.head, rows, mark?.mark ?? ""));
    },
    onSuccess: () => setAsking(false),
  });
  if (!may) return null;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("export.take")}</Button>
      {isAsking && (
        <Ask
          title={t("export.why")}
          isPending={take.isPending}
          error={take.error}
          onCancel={() => setAsking(false)}
          onAnswer={(reason) => take.mutate(reason)}
        />
      )}
    </>
  );
}

function save(name: string, text: string) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

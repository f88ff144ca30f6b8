// What a bank has said against its own final word, until somebody has settled it with the bank.
import { api, client, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useMay } from "@tiao/desk/Desk";
import { usePages } from "@tiao/ui/pages";
import { List } from "@tiao/desk/paging";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Typography } from "antd";
import { useState } from "react";
import { Id, Money } from "../parts/Shown";

type Contradiction = Schemas["ContradictionShown"];

export default function Contradictions() {
  const { t, code, instant } = useSpeech();
  const may = useMay("payments:write");
  const [settling, setSettling] = useState<Contradiction | null>(null);
  const pages = usePages(["contradictions"], (after) =>
    client.GET("/v1/contradictions", { params: { query: { limit: 50, after } } }),
  );
  return (
    <>
      <Typography.Title level={1}>{t("ops.nav.contradictions")}</Typography.Title>
      <List
        pages={pages}
        columns={[
          { title: t("contradiction.seen"), render: (_, row) => instant(row.first_seen_at) },
          { title: t("contradiction.of"), render: (_, row) => <Id of={row.of} /> },
          { title: t("contradiction.stood"), render: (_, row) => code("debit.state", row.stood) },
          { title: t("contradiction.told"), render: (_, row) => code("debit.state", row.told) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) =>
              row.amount_minor !== null && row.currency ? (
                <Money minor={row.amount_minor} currency={row.currency} />
              ) : (
                ""
              ),
          },
          { title: t("contradiction.days"), align: "right", dataIndex: "days_open" },
          {
            title: t("contradiction.settled"),
            render: (_, row) =>
              row.resolved_at ? (
                `${instant(row.resolved_at)} ${row.note ?? ""}`
              ) : may ? (
                <Button size="small" onClick={() => setSettling(row)}>
                  {t("contradiction.settle")}
                </Button>
              ) : null,
          },
        ]}
      />
      {settling && <Settle row={settling} onClose={() => setSettling(null)} />}
    </>
  );
}

function Settle({ row, onClose }: { row: Contradiction; onClose: () => void }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [header] = useState(once);
  const settle = api.useMutation("post", "/v1/contradictions/{contradiction_id}/settlement", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  return (
    <Ask
      title={t("contradiction.settle")}
      isPending={settle.isPending}
      error={settle.error}
      onCancel={onClose}
      onAnswer={(note) => settle.mutate({ params: { path: { contradiction_id: row.id }, header }, body: { note } })}
    />
  );
}

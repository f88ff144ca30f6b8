import { api } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Input, Table, Tag, Typography } from "antd";
import { useState } from "react";

/** How far the close of a day has come, step by step; a close that broke off is gone on with here. */
export default function Close() {
  const { t, day, instant, code } = useSpeech();
  const queries = useQueryClient();
  const clock = api.useQuery("get", "/v1/test_clock", {}, { retry: false });
  const [chosen, setChosen] = useState<string | null>(null);
  const on = chosen ?? clock.data?.closed_through ?? null;
  const close = api.useQuery(
    "get",
    "/v1/close/{business_date}",
    { params: { path: { business_date: on ?? "" } } },
    { enabled: on !== null, refetchInterval: (query) => (query.state.data?.is_closed ? false : 2_000) },
  );
  const go = api.useMutation("post", "/v1/close/{business_date}", { onSuccess: () => queries.invalidateQueries() });
  return (
    <>
      <Typography.Title level={1}>{t("ops.nav.close")}</Typography.Title>
      <Flex gap="small" align="center" wrap>
        <Input
          type="date"
          aria-label={t("close.day")}
          value={on ?? ""}
          onChange={(event) => setChosen(event.target.value || null)}
          className="day"
        />
        {close.data && (
          <Tag color={close.data.is_closed ? "success" : "warning"}>
            {t(close.data.is_closed ? "close.closed" : "close.open")}
          </Tag>
        )}
        {close.data && !close.data.is_closed && (
          <Button loading={go.isPending} onClick={() => on && go.mutate({ params: { path: { business_date: on } } })}>
            {t("close.go")}
          </Button>
        )}
        {close.data && <span>{t("close.through", { day: day(close.data.closed_through) })}</span>}
      </Flex>
      <Refusal error={close.error ?? go.error} />
      <Table
        size="small"
        rowKey={(row) => `${row.step}-${row.bucket_from}`}
        loading={close.isFetching && !close.data}
        dataSource={close.data?.steps ?? []}
        pagination={false}
        columns={[
          { title: t("close.step"), render: (_, row) => code("close.step", row.step) },
          { title: t("close.buckets"), render: (_, row) => `${row.bucket_from}–${row.bucket_to}` },
          { title: t("close.rows"), align: "right", render: (_, row) => row.rows_changed.toLocaleString() },
          { title: t("close.finished"), render: (_, row) => instant(row.finished_at) },
        ]}
      />
    </>
  );
}

// One endpoint: what was delivered, what waits and why; events can be sent again.
import { api, client, once } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { List } from "@tiao/desk/paging";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Popconfirm, Switch, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { useLocation, useParams } from "wouter";

export default function Webhook() {
  const { t, code, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const [, go] = useLocation();
  const say = useSay();
  const queries = useQueryClient();
  const [isPending, setPending] = useState(false);
  const path = { endpoint_id: id };
  const found = api.useQuery("get", "/v1/webhook_endpoints/{endpoint_id}", { params: { path } });
  const pages = usePages(["deliveries", id, isPending], (after) =>
    client.GET("/v1/webhook_endpoints/{endpoint_id}/deliveries", {
      params: { path, query: { limit: 50, after, ...(isPending ? { pending: true } : {}) } },
    }),
  );
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const set = api.useMutation("put", "/v1/webhook_endpoints/{endpoint_id}", renew);
  const remove = api.useMutation("delete", "/v1/webhook_endpoints/{endpoint_id}", { onSuccess: () => go("/webhooks") });
  const replay = api.useMutation("post", "/v1/webhook_endpoints/{endpoint_id}/replays", {
    onSuccess: (done) => {
      say(t("webhook.replayed", { events: done.events }));
      return queries.invalidateQueries();
    },
  });
  const endpoint = found.data?.endpoint;
  return (
    <>
      <Typography.Title level={1}>{endpoint?.url ?? t("portal.webhooks")}</Typography.Title>
      <Refusal error={found.error ?? refusedLast(set, remove, replay)} />
      {endpoint && (
        <Card
          extra={
            <Flex gap="small" align="center">
              <Switch
                aria-label={t("webhook.enabled")}
                checked={endpoint.status === "enabled"}
                loading={set.isPending}
                onChange={(enabled) =>
                  set.mutate({
                    params: { path },
                    body: { url: endpoint.url, description: endpoint.description, types: endpoint.types, enabled },
                  })
                }
              />
              <Popconfirm title={t("webhook.remove_sure")} onConfirm={() => remove.mutate({ params: { path } })}>
                <Button danger>{t("webhook.remove")}</Button>
              </Popconfirm>
            </Flex>
          }
          title={<span className="id">{id}</span>}
        >
          <Facts
            of={[
              [
                t("webhook.status"),
                <Tag key="s">
                  {endpoint.disabled_reason
                    ? code("webhook.disabled", endpoint.disabled_reason)
                    : code("webhook.status", endpoint.status)}
                </Tag>,
              ],
              [t("webhook.pending"), endpoint.pending],
              [t("webhook.rests"), endpoint.rests_until && instant(endpoint.rests_until)],
              [
                t("webhook.key"),
                <Typography.Text key="k" copyable code>
                  {found.data?.public_keys[0] ?? ""}
                </Typography.Text>,
              ],
            ]}
          />
        </Card>
      )}
      <Flex gap="small" align="center">
        <Switch checked={isPending} onChange={setPending} aria-label={t("webhook.only_pending")} />{" "}
        {t("webhook.only_pending")}
      </Flex>
      <List
        pages={pages}
        rowKey="event"
        locale={{ emptyText: t("webhook.no_deliveries") }}
        expandable={{ expandedRowRender: (row) => <Attempts endpoint={id} event={row.event} /> }}
        columns={[
          { title: t("purchase.at"), render: (_, row) => instant(row.happened_at) },
          { title: t("webhook.event"), render: (_, row) => code("event", row.type) },
          { title: t("webhook.attempts"), align: "right", dataIndex: "attempts" },
          {
            title: t("webhook.delivered"),
            render: (_, row) =>
              row.delivered_at ? (
                <Tag color="success">{instant(row.delivered_at)}</Tag>
              ) : row.due_at ? (
                t("webhook.next", { at: instant(row.due_at) })
              ) : (
                ""
              ),
          },
          {
            title: "",
            render: (_, row) => (
              <Button
                size="small"
                onClick={() =>
                  replay.mutate({
                    params: { path, header: once() },
                    body: { event: row.event, from_at: null, until_at: null },
                  })
                }
              >
                {t("webhook.again")}
              </Button>
            ),
          },
        ]}
      />
    </>
  );
}

function Attempts({ endpoint, event }: { endpoint: string; event: string }) {
  const { t, instant } = useSpeech();
  const found = api.useQuery("get", "/v1/webhook_endpoints/{endpoint_id}/deliveries/{event_id}", {
    params: { path: { endpoint_id: endpoint, event_id: event } },
  });
  return (
    <Table
      size="small"
      rowKey="number"
      loading={found.isPending}
      pagination={false}
      dataSource={found.data?.data ?? []}
      columns={[
        { title: "#", dataIndex: "number" },
        { title: t("purchase.at"), render: (_, row) => instant(row.at) },
        { title: "HTTP", dataIndex: "status" },
        { title: t("case.reason"), dataIndex: "reason" },
        { title: "ms", align: "right", dataIndex: "took_ms" },
      ]}
    />
  );
}

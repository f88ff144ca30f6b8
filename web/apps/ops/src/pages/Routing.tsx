// How the payment channels do: success, speed, cost, what is under way; who may be drained, and what would be chosen.
import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { Bars } from "@tiao/desk/charts";
import { useMay } from "@tiao/desk/Desk";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { readMoney, refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Empty, Input, Select, Table, Tag } from "antd";
import { useState } from "react";
import { Heading } from "@tiao/desk/Heading";
import { Seconding } from "../parts/Seconding";
import { Money } from "../parts/Shown";

const HOURS = ["1", "6", "24", "168"];
const REFRESHED_MS = 10_000;
type Channel = Schemas["ChannelHealth"];

export default function Routing() {
  const { t, code, instant, money } = useSpeech();
  const may = useMay("payments:write");
  const [filters, setFilter] = useFilters("hours");
  const hours = filters.hours ?? "24";
  const [asked, setAsked] = useState<{ channel: string; what: "drain" | "refill" } | null>(null);
  const health = api.useQuery(
    "get",
    "/v1/routing/health",
    { params: { query: { hours: Number(hours) } } },
    { refetchInterval: REFRESHED_MS },
  );
  const rows = health.data?.data ?? [];
  const ms = (value: number | null) => (value === null ? "–" : `${value} ms`);
  return (
    <>
      <Heading title="ops.nav.routing" note="routing.how">
        <Select
          aria-label={t("routing.window")}
          value={hours}
          onChange={(value) => setFilter("hours", value)}
          options={HOURS.map((value) => ({ value, label: t("routing.hours", { hours: value }) }))}
        />
      </Heading>
      <Refusal error={health.error} />
      {health.data && <p>{t("routing.since", { since: instant(health.data.since), policy: health.data.policy })}</p>}
      <Table<Channel>
        size="small"
        rowKey="name"
        loading={health.isPending}
        dataSource={rows}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("routing.none") }}
        columns={[
          {
            title: t("recon.channel"),
            render: (_, row) => (
              <>
                <div>{row.title}</div>
                <span className="id">{row.name}</span>
              </>
            ),
          },
          {
            title: t("routing.state"),
            render: (_, row) =>
              row.drained_at ? (
                <Tag color="error">{t("routing.drained", { since: instant(row.drained_at) })}</Tag>
              ) : row.silent_until ? (
                <Tag color="warning">{t("routing.silent", { until: instant(row.silent_until) })}</Tag>
              ) : row.against.length > 0 ? (
                <Tag>{t("routing.out")}</Tag>
              ) : (
                <Tag color="success">{t("routing.ready")}</Tag>
              ),
          },
          {
            title: t("routing.success"),
            align: "right",
            render: (_, row) => (row.success_rate === null ? "–" : `${(row.success_rate * 100).toFixed(1)} %`),
          },
          {
            title: t("routing.counts"),
            align: "right",
            render: (_, row) => `${row.succeeded} / ${row.failed_by_channel} / ${row.failed_by_payer}`,
          },
          { title: "p50", align: "right", render: (_, row) => ms(row.latency_ms_p50) },
          { title: "p99", align: "right", render: (_, row) => ms(row.latency_ms_p99) },
          { title: t("routing.volume"), align: "right", render: (_, row) => <Money minor={row.volume_minor} /> },
          { title: t("recon.fee"), align: "right", render: (_, row) => <Money minor={row.cost_minor} /> },
          { title: t("routing.open"), align: "right", dataIndex: "open_now" },
          {
            title: t("routing.unknown"),
            align: "right",
            render: (_, row) => <span className={row.unknown_now > 0 ? "late" : ""}>{row.unknown_now}</span>,
          },
          {
            title: t("routing.against"),
            render: (_, row) =>
              row.against.map((each) => (
                <Tag key={each} color="warning">
                  {code("routing.excluded", each)}
                </Tag>
              )),
          },
          {
            title: t("routing.promised"),
            align: "right",
            render: (_, row) => (row.promised_minor === null ? "" : money(row.promised_minor)),
          },
          {
            title: "",
            render: (_, row) =>
              may && (
                <Button
                  size="small"
                  danger={!row.drained_at}
                  onClick={() => setAsked({ channel: row.name, what: row.drained_at ? "refill" : "drain" })}
                >
                  {t(row.drained_at ? "routing.refill" : "routing.drain")}
                </Button>
              ),
          },
        ]}
      />
      {rows.length > 0 && (
        <Card size="small" title={t("routing.picture")}>
          <Bars
            title={t("routing.picture")}
            names={rows.map((row) => row.title)}
            series={[
              { name: t("routing.succeeded"), values: rows.map((row) => row.succeeded) },
              { name: t("routing.failed_by_channel"), values: rows.map((row) => row.failed_by_channel) },
              { name: t("routing.failed_by_payer"), values: rows.map((row) => row.failed_by_payer) },
            ]}
            show={(value) => value.toLocaleString()}
          />
        </Card>
      )}
      <Proposals />
      <WhatIf />
      {asked && <Propose {...asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Propose({ channel, what, onClose }: { channel: string; what: "drain" | "refill"; onClose: () => void }) {
  const { t } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [header] = useState(once);
  const propose = api.useMutation("post", "/v1/routing/proposals", {
    onSuccess: (made) => {
      say(t(made.state === "open" ? "routing.proposed" : "line.done"));
      onClose();
      return queries.invalidateQueries();
    },
  });
  return (
    <Ask
      title={t(`routing.sure.${what}`, { channel })}
      isDanger={what === "drain"}
      isPending={propose.isPending}
      error={propose.error}
      onCancel={onClose}
      onAnswer={(reason) =>
        propose.mutate({
          params: { header },
          body: {
            reason,
            drain: what === "drain" ? channel : null,
            refill: what === "refill" ? channel : null,
            maintenance: null,
            policies: null,
          },
        })
      }
    />
  );
}

function Proposals() {
  const { t, code, instant } = useSpeech();
  const may = useMay("payments:write");
  const queries = useQueryClient();
  const proposals = api.useQuery("get", "/v1/routing/proposals", {});
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const agree = api.useMutation("post", "/v1/routing/proposals/{number}/agreement", renew);
  const reject = api.useMutation("post", "/v1/routing/proposals/{number}/rejection", renew);
  const about = (number: number) => ({ params: { path: { number }, header: once() } });
  return (
    <Card size="small" title={t("routing.proposals")}>
      <Refusal error={proposals.error ?? refusedLast(agree, reject)} />
      <Table
        size="small"
        rowKey="number"
        dataSource={proposals.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("routing.no_proposals") }}
        columns={[
          { title: t("decision.at"), render: (_, row) => instant(row.proposed_at) },
          { title: t("story.kind"), render: (_, row) => code("routing.proposal", row.kind) },
          { title: t("recon.channel"), render: (_, row) => row.channel ?? "" },
          { title: t("case.reason"), dataIndex: "reason" },
          { title: t("recon.state"), render: (_, row) => <Tag>{code("proposal.state", row.state)}</Tag> },
          {
            title: "",
            render: (_, row) => (
              <Seconding
                of={row}
                may={may}
                onAgree={() => agree.mutate(about(row.number) as never)}
                onReject={() => reject.mutate(about(row.number) as never)}
              />
            ),
          },
        ]}
      />
    </Card>
  );
}

/** Which channel a payment would take now, and why not the others. */
function WhatIf() {
  const { t, code } = useSpeech();
  const [amount, setAmount] = useState("100");
  const [issuer, setIssuer] = useState("");
  const minor = readMoney(amount, "CNY");
  const ask = api.useMutation("post", "/v1/routing/what_if");
  const found = ask.data;
  return (
    <Card size="small" title={t("routing.what_if")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (minor)
            ask.mutate({
              body: {
                amount_minor: minor,
                issuer: issuer.trim() || null,
                account_class: null,
                at: null,
                card_kind: null,
                channels: null,
                used_today_minor: 0,
              },
            } as never);
        }}
      >
        <div className="filters">
          <label>
            {t("purchase.amount")}
            <Input
              value={amount}
              inputMode="decimal"
              status={minor ? "" : "error"}
              onChange={(event) => setAmount(event.target.value)}
            />
          </label>
          <label>
            {t("routing.issuer")}
            <Input value={issuer} placeholder="icbc" onChange={(event) => setIssuer(event.target.value)} />
          </label>
          <Button type="primary" htmlType="submit" loading={ask.isPending} disabled={!minor}>
            {t("routing.ask")}
          </Button>
        </div>
        <Refusal error={ask.error} />
        {found && (
          <>
            {found.chosen ? (
              <Alert
                type="success"
                title={t("routing.would_take", { channel: found.chosen })}
                description={code("routing.because", found.because ?? "")}
              />
            ) : (
              <Empty description={t("routing.nobody")} />
            )}
            <ul className="changes">
              {found.candidates.map((each) => (
                <li key={each.channel}>
                  {each.channel}: {(each.rate * 100).toFixed(1)} % ({each.outcomes})
                </li>
              ))}
              {found.excluded.map((each) => (
                <li key={each.channel}>
                  <del>{each.channel}</del> {each.reasons.map((reason) => code("routing.excluded", reason)).join("、")}
                </li>
              ))}
            </ul>
          </>
        )}
      </form>
    </Card>
  );
}

// One customer whole: the line, what is owed, what was bought and paid, what was decided and said.
import { api, client, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useMay, useWho } from "@tiao/desk/Desk";
import { useSay } from "@tiao/desk/Say";
import { Facts } from "@tiao/desk/Facts";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { usePages } from "@tiao/ui/pages";
import { List } from "@tiao/desk/paging";
import { type Key, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Tabs, Tag, Typography } from "antd";
import { type ComponentType, useState } from "react";
import { Link, useParams } from "wouter";
import { Line, Profile } from "../parts/About";
import { Limit } from "../parts/Limit";
import { Reveal } from "../parts/Reveal";
import { Story } from "../parts/Story";
import { Id, Money } from "../parts/Shown";

/** What is known of a customer, each with the scope that opens it. */
const TABS: [key: string, name: Key, scope: string, shown: ComponentType<{ customer: string }>][] = [
  ["timeline", "customer.timeline", "customers:read", Story],
  ["limit", "customer.limit", "decisions:read", Limit],
  ["bills", "customer.bills", "bills:read", Bills],
  ["loans", "customer.loans", "bills:read", Loans],
  ["purchases", "customer.purchases", "purchases:read", Purchases],
  ["repayments", "customer.repayments", "bills:read", Repayments],
  ["owed", "customer.owed", "bills:read", Owed],
  ["decisions", "customer.decisions", "decisions:read", Decisions],
  ["messages", "customer.messages", "messages:read", Messages],
  ["profile", "about.profile", "decisions:read", Profile],
];

export default function Customer() {
  const { t, instant } = useSpeech();
  const who = useWho();
  const { id } = useParams<{ id: string }>();
  const [filters, setFilter] = useFilters("tab");
  const [seen, setSeen] = useState<Schemas["PersonShown"] | null>(null);
  const customer = api.useQuery("get", "/v1/customers/{customer_id}", { params: { path: { customer_id: id } } });
  return (
    <>
      <Typography.Title level={1}>{seen?.name ?? customer.data?.name ?? t("customer.title")}</Typography.Title>
      <Refusal error={customer.error} />
      {customer.data && (
        <Card
          extra={
            <Flex gap="small">
              <Reveal customer={id} isSeen={seen !== null} onSeen={setSeen} />
              <Actions customer={id} />
            </Flex>
          }
          title={<span className="id">{id}</span>}
        >
          <div className="stack">
            <Facts
              of={[
                [t("customer.phone"), seen?.phone ?? customer.data.phone],
                [t("customer.identity"), seen?.identity_number ?? customer.data.identity_number],
                [t("customer.since"), instant(customer.data.registered_at)],
              ]}
            />
            <Line customer={id} />
          </div>
        </Card>
      )}
      <Tabs
        activeKey={filters.tab ?? "timeline"}
        onChange={(tab) => setFilter("tab", tab)}
        items={TABS.filter(([, , scope]) => who.scopes.includes(scope)).map(([key, label, , Shown]) => ({
          key,
          label: t(label),
          children: <Shown customer={id} />,
        }))}
      />
    </>
  );
}

function Actions({ customer }: { customer: string }) {
  const { t } = useSpeech();
  const may = useMay("credit:write");
  const line = api.useQuery("get", "/v1/line", { params: { query: { customer } } }, { retry: false, enabled: may });
  const [isAsking, setAsking] = useState(false);
  if (!may || !line.data || line.data.status === "closed") return null;
  const isFrozen = line.data.status === "frozen";
  return (
    <>
      <Button danger={!isFrozen} onClick={() => setAsking(true)}>
        {t(isFrozen ? "line.unfreeze" : "line.freeze")}
      </Button>
      {isAsking && <Freezing line={line.data} onClose={() => setAsking(false)} />}
    </>
  );
}

function Freezing({ line, onClose }: { line: Schemas["LineShown"]; onClose: () => void }) {
  const { t } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [header] = useState(once);
  const done = {
    onSuccess: () => {
      say(t("line.done"));
      onClose();
      return queries.invalidateQueries();
    },
  };
  const freeze = api.useMutation("post", "/v1/lines/{line_id}/freeze", done);
  const unfreeze = api.useMutation("post", "/v1/lines/{line_id}/unfreeze", done);
  const isFrozen = line.status === "frozen";
  const change = isFrozen ? unfreeze : freeze;
  return (
    <Ask
      title={t(isFrozen ? "line.unfreeze" : "line.freeze")}
      isDanger={!isFrozen}
      isPending={change.isPending}
      error={change.error}
      onCancel={onClose}
      onAnswer={(reason) => change.mutate({ params: { path: { line_id: line.id }, header }, body: { reason } })}
    />
  );
}

function Bills({ customer }: { customer: string }) {
  const { t, day } = useSpeech();
  const pages = usePages(["bills", customer], (after) =>
    client.GET("/v1/bills", { params: { query: { customer, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("bill.statement"), render: (_, row) => day(row.statement_on) },
        { title: t("bill.due"), render: (_, row) => day(row.due_on) },
        {
          title: t("bill.principal"),
          align: "right",
          render: (_, row) => <Money minor={row.principal_minor} currency={row.currency} />,
        },
        {
          title: t("bill.fee"),
          align: "right",
          render: (_, row) => <Money minor={row.fee_minor} currency={row.currency} />,
        },
        {
          title: t("bill.open"),
          align: "right",
          render: (_, row) => <Money minor={row.open_minor} currency={row.currency} />,
        },
        { title: t("bill.settled"), render: (_, row) => (row.settled_on ? day(row.settled_on) : "") },
      ]}
    />
  );
}

function Loans({ customer }: { customer: string }) {
  const { t, day, code } = useSpeech();
  const pages = usePages(["loans", customer], (after) =>
    client.GET("/v1/loans", { params: { query: { customer, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("loan.taken"), render: (_, row) => day(row.taken_on) },
        { title: t("loan.plan"), render: (_, row) => code("plan", row.plan) },
        {
          title: t("loan.principal"),
          align: "right",
          render: (_, row) => <Money minor={row.principal_minor} currency={row.currency} />,
        },
        {
          title: t("loan.fee"),
          align: "right",
          render: (_, row) => <Money minor={row.fee_minor + row.interest_minor} currency={row.currency} />,
        },
        { title: t("loan.stage"), render: (_, row) => row.stage },
        { title: t("loan.status"), render: (_, row) => <Tag>{code("loan.status", row.status)}</Tag> },
        { title: t("ledger.postings"), render: (_, row) => <Id of={row.id} /> },
      ]}
    />
  );
}

function Purchases({ customer }: { customer: string }) {
  const { t, instant, code } = useSpeech();
  const pages = usePages(["purchases", customer], (after) =>
    client.GET("/v1/purchases", { params: { query: { customer, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("purchase.at"), render: (_, row) => instant(row.authorised_at) },
        {
          title: t("purchase.amount"),
          align: "right",
          render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
        },
        { title: t("purchase.plan"), render: (_, row) => code("plan", row.plan) },
        {
          title: t("purchase.outcome"),
          render: (_, row) => (
            <Tag color={row.outcome === "declined" ? "error" : "default"}>{code("purchase.outcome", row.outcome)}</Tag>
          ),
        },
        {
          title: t("purchase.reasons"),
          render: (_, row) => row.decline_reasons.map((each) => code("decline", each)).join(", "),
        },
        {
          title: t("purchase.refunded"),
          align: "right",
          render: (_, row) => (row.refunded_minor ? <Money minor={row.refunded_minor} currency={row.currency} /> : ""),
        },
        { title: t("purchase.merchant"), render: (_, row) => <Id of={row.merchant} /> },
        { title: t("ledger.postings"), render: (_, row) => <Id of={row.id} /> },
      ]}
    />
  );
}

function Repayments({ customer }: { customer: string }) {
  const { t, instant, code } = useSpeech();
  const pages = usePages(["repayments", customer], (after) =>
    client.GET("/v1/repayments", { params: { query: { customer, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("repayment.at"), render: (_, row) => instant(row.recorded_at) },
        { title: t("repayment.kind"), render: (_, row) => code("repayment.kind", row.kind) },
        {
          title: t("repayment.amount"),
          align: "right",
          render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
        },
        {
          title: t("repayment.overpaid"),
          align: "right",
          render: (_, row) => (row.overpaid_minor ? <Money minor={row.overpaid_minor} currency={row.currency} /> : ""),
        },
        {
          title: t("repayment.state"),
          render: (_, row) => (
            <Tag color={row.state === "failed" ? "error" : row.state === "unknown" ? "warning" : "default"}>
              {code("debit.state", row.state)}
            </Tag>
          ),
        },
        { title: t("ledger.postings"), render: (_, row) => <Id of={row.id} /> },
      ]}
    />
  );
}

function Owed({ customer }: { customer: string }) {
  const told = api.useQuery("get", "/v1/line/explanation", { params: { query: { customer } } }, { retry: false });
  const { t } = useSpeech();
  if (!told.data) return <>{told.isPending ? "…" : t("about.no_line")}</>;
  const { currency, lines, total_minor } = told.data;
  return (
    <Card>
      {lines.map((line, index) => (
        <Flex key={index} justify="space-between" gap="middle">
          <span>{line.text}</span>
          <Money minor={line.amount_minor} currency={currency} />
        </Flex>
      ))}
      <Flex justify="space-between">
        <strong>{t("customer.total")}</strong>
        <strong>
          <Money minor={total_minor} currency={currency} />
        </strong>
      </Flex>
    </Card>
  );
}

function Decisions({ customer }: { customer: string }) {
  const { t, instant, code } = useSpeech();
  const pages = usePages(["decisions", customer], (after) =>
    client.GET("/v1/decisions", { params: { query: { customer, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        {
          title: t("decision.at"),
          render: (_, row) => <Link href={`/decisions/${row.id}`}>{instant(row.decided_at)}</Link>,
        },
        { title: t("decision.kind"), render: (_, row) => code("decision.kind", row.kind) },
        { title: t("decision.outcome"), render: (_, row) => <Tag>{code("decision.outcome", row.outcome)}</Tag> },
        {
          title: t("decision.before"),
          align: "right",
          render: (_, row) => <Money minor={row.limit_before_minor} currency={row.currency} />,
        },
        {
          title: t("decision.after"),
          align: "right",
          render: (_, row) => <Money minor={row.limit_after_minor} currency={row.currency} />,
        },
        { title: t("case.reason"), render: (_, row) => row.reasons.map((reason) => reason.text).join(" ") },
      ]}
    />
  );
}

function Messages({ customer }: { customer: string }) {
  const { t, instant, code } = useSpeech();
  const pages = usePages(["messages", customer], (after) =>
    client.GET("/v1/messages", { params: { query: { customer, limit: 50, after } } }),
  );
  return (
    <List
      pages={pages}
      columns={[
        { title: t("message.at"), render: (_, row) => instant(row.made_at) },
        { title: t("message.kind"), render: (_, row) => code("message.kind", row.kind) },
        { title: t("message.text"), render: (_, row) => row.text },
        { title: t("message.state"), render: (_, row) => <Tag>{code("message.state", row.state)}</Tag> },
      ]}
    />
  );
}

// Disputes: what customers say is wrong, what merchants show, and how much goes back.
import { api, client, once, type Schemas } from "@tiao/api";
import { useWho } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { useFilters } from "@tiao/desk/filters";
import { List } from "@tiao/desk/paging";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { readMoney, useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Empty, Input, Select, Tag, Typography } from "antd";
import { useState } from "react";
import { Link, useParams } from "wouter";
import { Heading } from "@tiao/desk/Heading";
import { useNow } from "../parts/now";
import { Id, Money } from "../parts/Shown";

type Dispute = Schemas["DisputeShown"];
const COLOUR: Record<Schemas["DisputeState"], string> = {
  opened: "warning",
  answered: "processing",
  accepted: "success",
  undefended: "success",
  decided: "default",
  withdrawn: "default",
};

export default function Disputes() {
  const { t, code, instant, distance } = useSpeech();
  const now = useNow();
  const [filters, setFilter] = useFilters("state");
  const pages = usePages<Dispute>(["disputes"], (after) =>
    client.GET("/v1/disputes", { params: { query: { limit: 50, after } } }),
  );
  const shown = { ...pages, rows: pages.rows.filter((row) => !filters.state || row.state === filters.state) };
  return (
    <>
      <Heading title="ops.nav.disputes" note="dispute.how">
        <Select
          aria-label={t("dispute.state_label")}
          value={filters.state ?? ""}
          onChange={(value) => setFilter("state", value)}
          options={[
            { value: "", label: t("dispute.all") },
            ...Object.keys(COLOUR).map((value) => ({ value, label: code("dispute.state", value) })),
          ]}
        />
      </Heading>
      <List
        pages={shown}
        locale={{ emptyText: t("dispute.none") }}
        columns={[
          {
            title: t("dispute.opened"),
            render: (_, row) => <Link href={`/disputes/${row.id}`}>{instant(row.opened_at)}</Link>,
          },
          { title: t("case.reason"), render: (_, row) => code("dispute.reason", row.reason) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          {
            title: t("recon.state"),
            render: (_, row) => <Tag color={COLOUR[row.state]}>{code("dispute.state", row.state)}</Tag>,
          },
          {
            title: t("dispute.due"),
            render: (_, row) =>
              row.closed_at ? (
                ""
              ) : (
                <span className={Date.parse(row.decide_due_at) < now ? "late" : ""}>
                  {distance(row.decide_due_at, now)}
                </span>
              ),
          },
          {
            title: t("dispute.awarded"),
            align: "right",
            render: (_, row) =>
              row.awarded_minor === null ? "" : <Money minor={row.awarded_minor} currency={row.currency} />,
          },
          { title: t("purchase.merchant"), render: (_, row) => <Id of={row.merchant} /> },
        ]}
      />
    </>
  );
}

export function DisputePage() {
  const { t, code, instant } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const found = api.useQuery("get", "/v1/disputes/{dispute_id}", { params: { path: { dispute_id: id } } });
  const dispute = found.data?.dispute;
  return (
    <>
      <Typography.Title level={1}>
        {t("dispute.title")}{" "}
        {dispute && <Tag color={COLOUR[dispute.state]}>{code("dispute.state", dispute.state)}</Tag>}
      </Typography.Title>
      <Refusal error={found.error} />
      {dispute && (
        <Facts
          of={[
            [t("case.reason"), code("dispute.reason", dispute.reason)],
            [t("purchase.amount"), <Money key="a" minor={dispute.amount_minor} currency={dispute.currency} />],
            [t("dispute.held"), <Money key="h" minor={dispute.held_minor} currency={dispute.currency} />],
            [t("purchase.merchant"), <Id key="m" of={dispute.merchant} />],
            [t("risk.purchase"), <Id key="p" of={dispute.purchase} />],
            [t("dispute.opened"), instant(dispute.opened_at)],
            [t("dispute.evidence_due"), instant(dispute.evidence_due_at)],
            [t("dispute.due"), instant(dispute.decide_due_at)],
            [
              t("dispute.proposed"),
              dispute.proposed && <Money key="o" minor={dispute.proposed.awarded_minor} currency={dispute.currency} />,
            ],
            [
              t("dispute.awarded"),
              dispute.awarded_minor === null ? null : (
                <Money key="w" minor={dispute.awarded_minor} currency={dispute.currency} />
              ),
            ],
            [t("risk.note"), dispute.note],
          ]}
        />
      )}
      {found.data && (
        <div className="two">
          <Card size="small" title={t("dispute.said")}>
            {found.data.statements.length === 0 && <Empty description={t("dispute.nothing_said")} />}
            {found.data.statements.map((each) => (
              <div key={each.number}>
                <strong>{code("dispute.author", each.author)}</strong> · {instant(each.at)}
                <p className="said">{each.text}</p>
              </div>
            ))}
          </Card>
          <Card size="small" title={t("dispute.files")}>
            {found.data.files.length === 0 && <Empty description={t("dispute.no_files")} />}
            <ul className="changes">
              {found.data.files.map((file) => (
                <li key={file.number}>
                  <a href={`/v1/disputes/${id}/files/${file.number}`} download={file.name}>
                    {file.name}
                  </a>{" "}
                  {code("dispute.author", file.author)} · {Math.ceil(file.size_bytes / 1024)} kB
                  <div className="id">SHA-256 {file.digest}</div>
                </li>
              ))}
            </ul>
          </Card>
        </div>
      )}
      {dispute && !dispute.closed_at && <Decide key={dispute.id} dispute={dispute} />}
    </>
  );
}

function Decide({ dispute }: { dispute: Dispute }) {
  const { t, money } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [amount, setAmount] = useState("");
  const [note, setNote] = useState("");
  const [header, setHeader] = useState(once);
  const who = useWho();
  const { proposed } = dispute;
  const minor = readMoney(amount, dispute.currency);
  const isReady = minor !== null && minor <= dispute.amount_minor && note.trim() !== "";
  const decide = api.useMutation("post", "/v1/disputes/{dispute_id}/decision", {
    onSuccess: (decided) => {
      say(t(decided.closed_at ? "line.done" : "dispute.waits"));
      setHeader(once());
      return queries.invalidateQueries();
    },
    onError: () => setHeader(once()),
  });
  return (
    <Card size="small" title={t("dispute.decide")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady)
            decide.mutate({
              params: { path: { dispute_id: dispute.id }, header },
              body: { awarded_minor: minor, note: note.trim() },
            });
        }}
      >
        {proposed && (
          <p>
            {proposed.proposed_by === who.subject
              ? t("dispute.your_own")
              : t("dispute.proposed_by", {
                  who: proposed.proposed_by,
                  amount: money(proposed.awarded_minor, dispute.currency),
                })}
          </p>
        )}
        <p>{t("dispute.decide_how", { amount: money(dispute.amount_minor, dispute.currency) })}</p>
        <div className="filters">
          <label>
            {t("dispute.award")}
            <Input
              value={amount}
              inputMode="decimal"
              status={amount === "" || (minor !== null && minor <= dispute.amount_minor) ? "" : "error"}
              onChange={(event) => setAmount(event.target.value)}
            />
          </label>
          <label>
            {t("dispute.why")}
            <Input value={note} maxLength={200} onChange={(event) => setNote(event.target.value)} />
          </label>
          <Button type="primary" htmlType="submit" loading={decide.isPending} disabled={!isReady}>
            {t("dispute.decide")}
          </Button>
        </div>
        <Refusal error={decide.error} />
      </form>
    </Card>
  );
}

// A customer's limit and the stages of its approval: what was asked, what the rules said, who agreed, what holds now.
import { api, client, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Card, Empty, Progress, Steps, Table, Tag } from "antd";
import { Link } from "wouter";
import { Money } from "./Shown";

export function Limit({ customer }: { customer: string }) {
  const { t, code, day, instant, money } = useSpeech();
  const may = useMay("line:read");
  const found = api.useQuery("get", "/v1/line", { params: { query: { customer } } }, { retry: false, enabled: may });
  const pages = usePages<Schemas["DecisionShown"]>(["decisions", customer], (after) =>
    client.GET("/v1/decisions", { params: { query: { customer, limit: 50, ...(after ? { after } : {}) } } }),
  );
  const line = found.data;
  return (
    <div className="stack">
      {line && (
        <Card size="small" title={t("limit.now")}>
          <div className="stack">
            <Progress
              percent={
                line.limit_minor ? Math.round(((line.used_minor + line.held_minor) / line.limit_minor) * 100) : 0
              }
              format={(percent) =>
                t("limit.in_use", { percent: percent ?? 0, limit: money(line.limit_minor, line.currency) })
              }
              aria-label={t("limit.now")}
            />
            {line.limit_target_minor !== line.limit_minor && (
              <p>{t("limit.falls_to", { target: money(line.limit_target_minor, line.currency) })}</p>
            )}
            <Table
              size="small"
              rowKey={(row) => `${row.kind} ${row.scene} ${row.merchant}`}
              pagination={false}
              locale={{ emptyText: t("limit.no_others") }}
              dataSource={line.sublimits}
              columns={[
                { title: t("case.limit_kind"), render: (_, row) => code("limit.kind", row.kind) },
                { title: t("case.scene"), render: (_, row) => row.scene ?? row.merchant ?? "" },
                {
                  title: t("purchase.amount"),
                  align: "right",
                  render: (_, row) => <Money minor={row.amount_minor} currency={line.currency} />,
                },
                { title: t("policy.expires"), render: (_, row) => (row.ends_on ? day(row.ends_on) : "") },
              ]}
            />
          </div>
        </Card>
      )}
      <Refusal error={pages.error} />
      {pages.rows.length === 0 && !pages.isPending && <Empty description={t("limit.none")} />}
      {pages.rows.map((row) => (
        <Card
          key={row.id}
          size="small"
          title={`${instant(row.decided_at)} · ${code("decision.kind", row.kind)}`}
          extra={<Link href={`/decisions/${row.id}`}>{t("rules.open")}</Link>}
        >
          <Steps
            size="small"
            items={stagesOf(row).map((stage) => ({
              title: t(`limit.stage.${stage.name}`),
              content:
                stage.name === "limit" ? (
                  <>
                    {money(row.limit_before_minor, row.currency)} → {money(row.limit_after_minor, row.currency)}
                  </>
                ) : stage.name === "outcome" ? (
                  <Tag>{code("decision.outcome", row.outcome)}</Tag>
                ) : stage.name === "reasons" ? (
                  row.reasons.map((reason) => reason.text).join(" ")
                ) : (
                  row.model_version
                ),
              status: stage.status,
            }))}
          />
        </Card>
      ))}
    </div>
  );
}

interface Stage {
  name: "scored" | "reasons" | "outcome" | "limit";
  status: "finish" | "error" | "process";
}

/** The stages a decision went through, each with how it ended there. */
export function stagesOf(
  row: Pick<Schemas["DecisionShown"], "outcome" | "limit_before_minor" | "limit_after_minor">,
): Stage[] {
  const isNo = ["declined", "lapsed", "ended"].includes(row.outcome);
  const waits = row.outcome === "referred";
  const stages: Stage[] = [
    { name: "scored", status: "finish" },
    { name: "reasons", status: "finish" },
    { name: "outcome", status: isNo ? "error" : waits ? "process" : "finish" },
  ];
  if (row.limit_before_minor !== row.limit_after_minor) stages.push({ name: "limit", status: "finish" });
  return stages;
}

// A case opened: what is suspicious, what hangs together with it, what was done.
import { api, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { useSpeech } from "@tiao/ui";
import { Button, Card, Flex, Table, Tag, Timeline, Typography } from "antd";
import { Line } from "./About";
import { Id, Money } from "./Shown";
import { allSuspected, suspected } from "./suspicion";

type Case = Schemas["RiskCaseShown"];
type Asking = "release" | "refuse" | "note";

export default function RiskCase({ row, onAsk }: { row: Case; onAsk: (what: Asking) => void }) {
  const { t, code, instant } = useSpeech();
  const found = api.useQuery("get", "/v1/risk_cases/{case_id}", { params: { path: { case_id: row.id } } });
  const whole = found.data;
  return (
    <Card
      title={code("risk.subject", row.subject)}
      extra={
        <Flex gap="small">
          <Button onClick={() => onAsk("note")}>{t("risk.note")} (E)</Button>
          <Button onClick={() => onAsk("refuse")} danger>
            {t("risk.refuse")} (D)
          </Button>
          <Button onClick={() => onAsk("release")} type="primary">
            {t("risk.release")} (A)
          </Button>
        </Flex>
      }
    >
      <div className="stack">
        <ol className="reasons">
          {row.reasons.map((reason) => (
            <li key={reason}>{suspected(code, reason)}</li>
          ))}
        </ol>
        <Facts
          of={[
            [t("purchase.amount"), <Money key="a" minor={row.amount_minor} currency={row.currency} />],
            [t("risk.loss"), <Money key="l" minor={row.loss_minor} currency={row.currency} />],
            [t("risk.probability"), `${(row.probability_ppm / 10_000).toFixed(2)} %`],
            [t("case.approvers"), row.approvers_needed],
            [t("case.customer"), row.customer && <Id key="c" of={row.customer} />],
            [t("purchase.merchant"), row.merchant && <Id key="m" of={row.merchant} />],
            [t("risk.purchase"), row.purchase && <Id key="p" of={row.purchase} />],
            [t("case.opened"), instant(row.opened_at)],
            [
              t("case.due"),
              <span key="d" className={row.is_late ? "late" : ""}>
                {instant(row.due_at)}
              </span>,
            ],
            [t("risk.expires"), row.expires_at && instant(row.expires_at)],
            [
              t("risk.ring"),
              whole && whole.ring_size > 1 ? (
                <Tag key="r" color={whole.is_ring ? "error" : "default"}>
                  {whole.ring_size}
                </Tag>
              ) : null,
            ],
          ]}
        />
        {row.customer && <Line customer={row.customer} />}
        {whole && whole.related.length > 0 && (
          <>
            <Typography.Text strong>{t("risk.related")}</Typography.Text>
            <Table
              size="small"
              rowKey={(each) => each.purchase + each.by}
              pagination={false}
              dataSource={whole.related}
              scroll={{ x: "max-content" }}
              columns={[
                { title: t("purchase.at"), render: (_, each) => instant(each.authorised_at) },
                { title: t("risk.by"), render: (_, each) => code("entity", each.by) },
                {
                  title: t("purchase.amount"),
                  align: "right",
                  render: (_, each) => <Money minor={each.amount_minor} currency={each.currency} />,
                },
                { title: t("purchase.outcome"), render: (_, each) => code("purchase.outcome", each.outcome) },
                {
                  title: t("risk.label"),
                  render: (_, each) =>
                    each.is_fraud === null ? (
                      ""
                    ) : (
                      <Tag color={each.is_fraud ? "error" : "success"}>
                        {t(each.is_fraud ? "risk.fraud" : "risk.genuine")}
                      </Tag>
                    ),
                },
                { title: t("case.customer"), render: (_, each) => <Id of={each.customer} /> },
                { title: t("purchase.merchant"), render: (_, each) => <Id of={each.merchant} /> },
              ]}
            />
          </>
        )}
        {whole && (
          <Timeline
            items={whole.steps.map((step) => ({
              content: `${instant(step.made_at)} · ${code("risk.step", step.kind)} · ${step.actor}${step.said ? `: ${step.kind === "opened" ? allSuspected(code, step.said) : step.said}` : ""}`,
            }))}
          />
        )}
      </div>
    </Card>
  );
}

// Suspended payments and suspicious customers and merchants, what may be lost most first.
import { api, client, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useWho } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Table, Tag, Timeline, Typography } from "antd";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { Line } from "../parts/About";
import { useNow } from "../parts/now";
import { Id, Money } from "../parts/Shown";
import { Worklist } from "../parts/Worklist";

type Case = Schemas["RiskCaseShown"];
type Asking = "release" | "refuse" | "note";

const USUAL: Record<Asking, readonly ("release_1" | "release_2" | "release_3" | "stop_1" | "stop_2" | "stop_3")[]> = {
  release: ["release_1", "release_2", "release_3"],
  refuse: ["stop_1", "stop_2", "stop_3"],
  note: [],
};

export default function Risk() {
  const { t, code } = useSpeech();
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const say = useSay();
  const [asking, setAsking] = useState<Asking | null>(null);
  const pages = usePages(["risk cases"], (after) =>
    client.GET("/v1/risk_cases", { params: { query: { limit: 50, after } } }),
  );
  const counts = api.useQuery("get", "/v1/risk_case_queue", {});
  const chosen = pages.rows.find((row) => row.id === id) ?? null;
  const renew = () => queries.invalidateQueries();
  const choose = (row: Case) => go(`/risk/${row.id}`);

  const next = api.useMutation("post", "/v1/risk_case_claims", {
    onSuccess: async (found) => {
      await renew();
      choose(found.case);
    },
  });
  const takeNext = () => next.mutate({ params: { header: once() }, body: { subject: null } });
  const claim = api.useMutation("post", "/v1/risk_cases/{case_id}/claim", { onSuccess: renew });
  const letGo = api.useMutation("post", "/v1/risk_cases/{case_id}/let_go", { onSuccess: renew });
  const judge = api.useMutation("post", "/v1/risk_cases/{case_id}/verdicts", {
    onSuccess: async (done) => {
      setAsking(null);
      say(t("queue.answered", { state: code("risk.state", done.case.state) }));
      await renew();
      takeNext();
    },
  });
  const note = api.useMutation("post", "/v1/risk_cases/{case_id}/notes", {
    onSuccess: () => {
      setAsking(null);
      return renew();
    },
  });
  const about = (row: Case) => ({ params: { path: { case_id: row.id }, header: once() } });
  const change = asking === "note" ? note : judge;

  return (
    <>
      <Worklist
        title="ops.nav.risk"
        rows={pages.rows}
        isPending={pages.isPending}
        more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
        chosen={chosen}
        onChoose={choose}
        onNext={takeNext}
        isTaking={next.isPending}
        isAsking={asking !== null}
        deeds={{
          c: () => chosen && claim.mutate(about(chosen)),
          r: () => chosen && letGo.mutate(about(chosen)),
          a: () => chosen && setAsking("release"),
          d: () => chosen && setAsking("refuse"),
          e: () => chosen && setAsking("note"),
        }}
        counts={counts.data?.data.map((row) => (
          <Tag key={row.subject} color={row.late > 0 ? "error" : "default"}>
            {t("queue.count", { kind: code("risk.subject", row.subject), open: row.open, late: row.late })}
          </Tag>
        ))}
        row={(row) => <Row row={row} />}
      >
        <Refusal error={next.error ?? claim.error ?? letGo.error} />
        {chosen && <Detail row={chosen} onAsk={setAsking} />}
      </Worklist>
      {chosen && asking && (
        <Ask
          title={t(`risk.${asking}`)}
          usual={USUAL[asking].map((key) => t(`risk.${key}`))}
          isDanger={asking === "refuse"}
          isPending={change.isPending}
          error={change.error}
          onCancel={() => setAsking(null)}
          onAnswer={(reason) =>
            asking === "note"
              ? note.mutate({ ...about(chosen), body: { text: reason, sha256: null } })
              : judge.mutate({ ...about(chosen), body: { releases: asking === "release", reason } })
          }
        />
      )}
    </>
  );
}

function Row({ row }: { row: Case }) {
  const { t, code, distance } = useSpeech();
  const now = useNow();
  const { subject } = useWho();
  return (
    <>
      <Flex justify="space-between" gap="small">
        <strong>{code("risk.subject", row.subject)}</strong>
        <Money minor={row.loss_minor} currency={row.currency} />
      </Flex>
      <Flex justify="space-between" gap="small">
        <small className={row.is_late ? "late" : ""}>{t("queue.due", { when: distance(row.due_at, now) })}</small>
        <small>
          {t(row.claimed_by === null ? "queue.free" : row.claimed_by === subject ? "queue.mine" : "queue.taken")}
        </small>
      </Flex>
    </>
  );
}

function Detail({ row, onAsk }: { row: Case; onAsk: (what: Asking) => void }) {
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
            <li key={reason}>{code("risk.reason", reason)}</li>
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
              content: `${instant(step.made_at)} · ${code("risk.step", step.kind)} · ${step.actor}${step.said ? `: ${step.said}` : ""}`,
            }))}
          />
        )}
      </div>
    </Card>
  );
}

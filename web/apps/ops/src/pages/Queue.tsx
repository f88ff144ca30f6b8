// Credit cases: applications that wait for people, objections of customers, proposed limits.
import { api, client, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useWho } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { usePages } from "@tiao/ui/pages";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Tag, Typography } from "antd";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { About } from "../parts/About";
import { useNow } from "../parts/now";
import { Id, Money } from "../parts/Shown";
import { Worklist } from "../parts/Worklist";

type Case = Schemas["CaseShown"];
type Answering = "agree" | "refuse";

const USUAL = { agree: ["agree_1", "agree_2", "agree_3"], refuse: ["refuse_1", "refuse_2", "refuse_3"] } as const;

export default function Queue() {
  const { t, code } = useSpeech();
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const say = useSay();
  const [answering, setAnswering] = useState<Answering | null>(null);
  const pages = usePages(["cases"], (after) => client.GET("/v1/cases", { params: { query: { limit: 50, after } } }));
  const counts = api.useQuery("get", "/v1/case_queue", {});
  const chosen = pages.rows.find((row) => row.id === id) ?? null;
  const renew = () => queries.invalidateQueries();
  const choose = (row: Case) => go(`/queue/${row.id}`);

  const next = api.useMutation("post", "/v1/case_claims", {
    onSuccess: async (found) => {
      await renew();
      choose(found);
    },
  });
  const takeNext = () => next.mutate({ params: { header: once() }, body: { kind: null } });
  const claim = api.useMutation("post", "/v1/cases/{case_id}/claim", { onSuccess: renew });
  const release = api.useMutation("post", "/v1/cases/{case_id}/release", { onSuccess: renew });
  const answer = api.useMutation("post", "/v1/cases/{case_id}/answers", {
    onSuccess: async (done) => {
      setAnswering(null);
      say(t("queue.answered", { state: code("case.state", done.case.state) }));
      await renew();
      takeNext();
    },
  });
  const about = (row: Case) => ({ params: { path: { case_id: row.id }, header: once() } });

  return (
    <>
      <Worklist
        title="ops.nav.queue"
        rows={pages.rows}
        isPending={pages.isPending}
        more={pages.hasNextPage ? () => void pages.fetchNextPage() : null}
        chosen={chosen}
        onChoose={choose}
        onNext={takeNext}
        isTaking={next.isPending}
        isAsking={answering !== null}
        deeds={{
          c: () => chosen && claim.mutate(about(chosen)),
          r: () => chosen && release.mutate(about(chosen)),
          a: () => chosen && setAnswering("agree"),
          d: () => chosen && setAnswering("refuse"),
        }}
        counts={counts.data?.data.map((row) => (
          <Tag key={row.kind} color={row.late > 0 ? "error" : "default"}>
            {t("queue.count", { kind: code("case.kind", row.kind), open: row.open, late: row.late })}
          </Tag>
        ))}
        row={(row) => <Row row={row} />}
      >
        <Refusal error={next.error ?? claim.error ?? release.error} />
        {chosen && <Detail row={chosen} onAnswer={setAnswering} />}
      </Worklist>
      {chosen && answering && (
        <Ask
          title={t(`queue.${answering}`)}
          usual={USUAL[answering].map((key) => t(`queue.${key}`))}
          isDanger={answering === "refuse"}
          isPending={answer.isPending}
          error={answer.error}
          onCancel={() => setAnswering(null)}
          onAnswer={(reason) =>
            answer.mutate({ ...about(chosen), body: { agrees: answering === "agree", reason, limit_minor: null } })
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
        <strong>{code("case.kind", row.kind)}</strong>
        {row.limit_minor !== null && <Money minor={row.limit_minor} />}
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

function Detail({ row, onAnswer }: { row: Case; onAnswer: (way: Answering) => void }) {
  const { t, code, instant } = useSpeech();
  return (
    <Card
      title={code("case.kind", row.kind)}
      extra={
        <Flex gap="small">
          <Button onClick={() => onAnswer("refuse")} danger>
            {t("queue.refuse")} (D)
          </Button>
          <Button onClick={() => onAnswer("agree")} type="primary">
            {t("queue.agree")} (A)
          </Button>
        </Flex>
      }
    >
      <div className="stack">
        <Facts
          of={[
            [t("case.customer"), <Id key="c" of={row.customer} />],
            [t("case.limit"), row.limit_minor === null ? null : <Money key="l" minor={row.limit_minor} />],
            [t("case.limit_kind"), code("limit.kind", row.limit_kind)],
            [t("case.opened"), instant(row.opened_at)],
            [
              t("case.due"),
              <span key="d" className={row.is_late ? "late" : ""}>
                {instant(row.due_at)}
              </span>,
            ],
            [t("case.approvers"), t("case.votes", { given: row.votes.length, needed: row.approvers_needed })],
            [t("case.maker"), row.maker],
            [t("case.scene"), row.scene],
          ]}
        />
        <Typography.Text strong>{t("case.reason")}</Typography.Text>
        <p className="said">{row.reason}</p>
        {row.votes.map((vote) => (
          <p key={vote.actor + vote.voted_at} className="said">
            {t(vote.agrees ? "queue.agree" : "queue.refuse")} · {instant(vote.voted_at)} · {vote.reason}
          </p>
        ))}
        <About customer={row.customer} decision={row.about} />
      </div>
    </Card>
  );
}

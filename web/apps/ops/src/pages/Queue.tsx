// The queue of cases, worked by keyboard: take the next, read why, agree or refuse with a reason, on to the next.
import { api, client, once, type Schemas } from "@tiao/api";
import { useWho } from "@tiao/desk/Desk";
import { useSay } from "@tiao/desk/Say";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { usePages } from "@tiao/desk/pages";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Empty, Flex, Input, Modal, Tag, Typography } from "antd";
import { useEffect, useEffectEvent, useState } from "react";
import { useLocation, useParams } from "wouter";
import { About } from "../parts/About";
import { Id, Money } from "../parts/Shown";

type Case = Schemas["CaseShown"];
type Answering = "agree" | "refuse";

const CANNED = { agree: ["agree_1", "agree_2", "agree_3"], refuse: ["refuse_1", "refuse_2", "refuse_3"] } as const;

export default function Queue() {
  const { t, code } = useSpeech();
  const { id } = useParams<{ id?: string }>();
  const [, go] = useLocation();
  const who = useWho();
  const queries = useQueryClient();
  const say = useSay();
  const [answering, setAnswering] = useState<Answering | null>(null);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const pages = usePages(["cases"], (after) => client.GET("/v1/cases", { params: { query: { limit: 50, after } } }));
  const counts = api.useQuery("get", "/v1/case_queue", {});
  const place = pages.rows.findIndex((row) => row.id === id);
  const selected = pages.rows[place] ?? null;
  const renew = () => queries.invalidateQueries();
  const take = (row: Case) => go(`/queue/${row.id}`);

  const next = api.useMutation("post", "/v1/case_claims", {
    onSuccess: async (found) => {
      await renew();
      take(found);
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
  const failure = next.error ?? claim.error ?? release.error;

  const move = (by: number) => {
    const row = pages.rows[Math.max(0, Math.min(pages.rows.length - 1, place + by))];
    if (row) take(row);
  };
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || answering || isHelpOpen) return;
    const does: Record<string, () => void> = {
      j: () => move(1),
      k: () => move(-1),
      n: () => takeNext(),
      c: () => selected && claim.mutate({ params: { path: { case_id: selected.id }, header: once() } }),
      r: () => selected && release.mutate({ params: { path: { case_id: selected.id }, header: once() } }),
      a: () => selected && setAnswering("agree"),
      d: () => selected && setAnswering("refuse"),
      "?": () => setHelpOpen(true),
    };
    const action = does[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);

  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("ops.nav.queue")}</Typography.Title>
        <Flex gap="small" wrap>
          {counts.data?.data.map((row) => (
            <Tag key={row.kind} color={row.late > 0 ? "error" : "default"}>
              {t("queue.count", { kind: code("case.kind", row.kind), open: row.open, late: row.late })}
            </Tag>
          ))}
          <Button type="primary" loading={next.isPending} onClick={() => takeNext()}>
            {t("queue.next")} (N)
          </Button>
          <Button onClick={() => setHelpOpen(true)}>{t("queue.keys")} (?)</Button>
        </Flex>
      </Flex>
      <Refusal error={failure} />
      {pages.rows.length === 0 && !pages.isPending ? (
        <Empty description={t("queue.empty")} />
      ) : (
        <div className="queue">
          <div aria-label={t("ops.nav.queue")} role="group">
            {pages.rows.map((row) => (
              <Row key={row.id} row={row} isCurrent={row.id === id} mine={who.subject} onClick={() => take(row)} />
            ))}
            {pages.hasNextPage && (
              <Button type="link" onClick={() => void pages.fetchNextPage()}>
                {t("list.more")}
              </Button>
            )}
          </div>
          {selected ? <Detail row={selected} onAnswer={setAnswering} /> : <Empty description={t("queue.choose")} />}
        </div>
      )}
      {selected && answering && (
        <Answer
          way={answering}
          row={selected}
          isPending={answer.isPending}
          error={answer.error}
          onCancel={() => setAnswering(null)}
          onAnswer={(reason) =>
            answer.mutate({
              params: { path: { case_id: selected.id }, header: once() },
              body: { agrees: answering === "agree", reason, limit_minor: null },
            })
          }
        />
      )}
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName))
  );
}

function Row({ row, isCurrent, mine, onClick }: { row: Case; isCurrent: boolean; mine: string; onClick: () => void }) {
  const { t, code, distance } = useSpeech();
  const now = useNow();
  return (
    <button type="button" className="queue-row" aria-current={isCurrent} onClick={onClick}>
      <Flex justify="space-between" gap="small">
        <strong>{code("case.kind", row.kind)}</strong>
        {row.limit_minor !== null && <Money minor={row.limit_minor} />}
      </Flex>
      <Flex justify="space-between" gap="small">
        <small className={row.is_late ? "late" : ""}>{t("queue.due", { when: distance(row.due_at, now) })}</small>
        <small>
          {row.claimed_by === null ? t("queue.free") : row.claimed_by === mine ? t("queue.mine") : t("queue.taken")}
        </small>
      </Flex>
    </button>
  );
}

/** The programme's own time: on a test clock a case is not late because the wall clock is. */
function useNow(): number {
  const clock = api.useQuery("get", "/v1/test_clock", {}, { retry: false, staleTime: 30_000 });
  return clock.data ? new Date(clock.data.now_at).getTime() : Date.now();
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
            {vote.agrees ? t("queue.agree") : t("queue.refuse")} · {instant(vote.voted_at)} · {vote.reason}
          </p>
        ))}
        <About customer={row.customer} decision={row.about} />
      </div>
    </Card>
  );
}

/** The reason is part of the answer: a digit takes one of the usual ones, or it is typed; Enter sends it. */
function Answer(props: {
  way: Answering;
  row: Case;
  isPending: boolean;
  error: unknown;
  onCancel: () => void;
  onAnswer: (reason: string) => void;
}) {
  const { t } = useSpeech();
  const [reason, setReason] = useState("");
  const canned = CANNED[props.way].map((key) => t(`queue.${key}`));
  return (
    <Modal
      open
      title={t(props.way === "agree" ? "queue.agree" : "queue.refuse")}
      onCancel={props.onCancel}
      onOk={() => reason.trim() && props.onAnswer(reason.trim())}
      okText={t("queue.send")}
      okButtonProps={{ disabled: !reason.trim(), loading: props.isPending, danger: props.way === "refuse" }}
    >
      <div className="stack">
        <Input
          autoFocus
          aria-label={t("case.reason")}
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => {
            const taken = reason === "" ? canned[Number(event.key) - 1] : undefined;
            if (taken) {
              event.preventDefault();
              props.onAnswer(taken);
            }
          }}
          onPressEnter={() => reason.trim() && props.onAnswer(reason.trim())}
        />
        <div className="canned">
          {canned.map((text, index) => (
            <Button key={text} size="small" onClick={() => props.onAnswer(text)}>
              {index + 1} {text}
            </Button>
          ))}
        </div>
        <Refusal error={props.error} />
      </div>
    </Modal>
  );
}

function Help({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useSpeech();
  const keys = ["n", "j", "k", "c", "r", "a", "d", "digit", "find"] as const;
  return (
    <Modal open={isOpen} title={t("queue.keys")} onCancel={onClose} footer={null}>
      <dl className="keys">
        {keys.map((key) => (
          <Flex key={key} gap="small">
            <dt>
              <kbd>{key === "digit" ? "1 2 3" : key === "find" ? "Ctrl K" : key.toUpperCase()}</kbd>
            </dt>
            <dd>{t(`queue.key.${key}`)}</dd>
          </Flex>
        ))}
      </dl>
    </Modal>
  );
}

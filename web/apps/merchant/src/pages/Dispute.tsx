// One dispute: what the customer says, what the shop shows, and by when; giving in costs a click and a second one.
import { api, once } from "@tiao/api";
import { base64Of } from "@tiao/desk/base64";
import { Facts } from "@tiao/desk/Facts";
import { Refusal } from "@tiao/desk/Refusal";
import { Money } from "@tiao/desk/Shown";
import { useMay } from "@tiao/desk/Desk";
import { useSay } from "@tiao/desk/Say";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Flex, Input, Popconfirm, Tag, Typography } from "antd";
import { type ChangeEvent, useState } from "react";
import { Link, useParams } from "wouter";

/** What one file may come to as it is sent. */
const FILE_BYTES_MAX = 42_000;

export default function Dispute() {
  const { t, code, instant, money } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const found = api.useQuery("get", "/v1/disputes/{dispute_id}", { params: { path: { dispute_id: id } } });
  const whole = found.data;
  const dispute = whole?.dispute;
  const mayAnswer = useMay("disputes:write") && dispute?.closed_at === null;
  return (
    <>
      <Typography.Title level={1}>{t("portal.dispute")}</Typography.Title>
      <Refusal error={found.error} />
      {dispute && (
        <Card
          title={<Tag>{code("contest.state", dispute.state)}</Tag>}
          extra={mayAnswer && <GiveIn id={id} amount={money(dispute.amount_minor, dispute.currency)} />}
        >
          <Facts
            of={[
              [t("contest.reason"), code("contest.reason", dispute.reason)],
              [t("purchase.amount"), <Money key="a" minor={dispute.amount_minor} currency={dispute.currency} />],
              [t("contest.opened"), instant(dispute.opened_at)],
              [
                t("portal.order"),
                <Link key="p" href={`/orders/${dispute.purchase}`} className="id">
                  {dispute.purchase}
                </Link>,
              ],
              [t("contest.evidence_due"), instant(dispute.evidence_due_at)],
              [t("contest.decide_due"), instant(dispute.decide_due_at)],
              [t("contest.held"), <Money key="h" minor={dispute.held_minor} currency={dispute.currency} />],
              [
                t("contest.awarded"),
                dispute.awarded_minor === null ? null : (
                  <Money key="w" minor={dispute.awarded_minor} currency={dispute.currency} />
                ),
              ],
              [t("contest.note"), dispute.note],
            ]}
          />
        </Card>
      )}
      {mayAnswer && dispute?.state === "opened" && (
        <Alert type="info" showIcon title={t("contest.answer_by", { by: instant(dispute.evidence_due_at) })} />
      )}
      {whole && (
        <Card title={t("contest.said")}>
          <div className="stack">
            {whole.statements.map((each) => (
              <div key={each.number}>
                <Typography.Text type="secondary">
                  {code("role", each.author)} · {instant(each.at)}
                </Typography.Text>
                <p className="said">{each.text}</p>
              </div>
            ))}
            {whole.files.map((file) => (
              <div key={`f${file.number}`}>
                <a href={`/v1/disputes/${id}/files/${file.number}`} download={file.name}>
                  {file.name}
                </a>{" "}
                <Typography.Text type="secondary">
                  {code("role", file.author)} · {instant(file.at)} · {Math.ceil(file.size_bytes / 1_000)} kB
                </Typography.Text>
              </div>
            ))}
            {mayAnswer && <Answer id={id} />}
          </div>
        </Card>
      )}
    </>
  );
}

function GiveIn({ id, amount }: { id: string; amount: string }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const accept = api.useMutation("post", "/v1/disputes/{dispute_id}/acceptance", {
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <>
      <Refusal error={accept.error} />
      <Popconfirm
        title={t("contest.accept_sure", { amount })}
        onConfirm={() => accept.mutate({ params: { path: { dispute_id: id }, header: once() } })}
      >
        <Button danger loading={accept.isPending}>
          {t("contest.accept")}
        </Button>
      </Popconfirm>
    </>
  );
}

function Answer({ id }: { id: string }) {
  const { t } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [isTooLarge, setTooLarge] = useState(false);
  const path = { dispute_id: id };
  const state = api.useMutation("post", "/v1/disputes/{dispute_id}/statements", {
    onSuccess: () => {
      setText("");
      say(t("contest.sent"));
      return queries.invalidateQueries();
    },
  });
  const show = api.useMutation("post", "/v1/disputes/{dispute_id}/files", {
    onSuccess: () => {
      say(t("contest.sent"));
      return queries.invalidateQueries();
    },
  });
  const take = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    const file = target.files?.[0];
    target.value = "";
    if (!file) return;
    setTooLarge(file.size > FILE_BYTES_MAX);
    if (file.size > FILE_BYTES_MAX) return;
    const content = await base64Of(file);
    show.mutate({ params: { path, header: once() }, body: { name: file.name, media_type: file.type, content } });
  };
  return (
    <div className="stack">
      <Input.TextArea
        aria-label={t("contest.statement")}
        placeholder={t("contest.statement")}
        rows={4}
        maxLength={2_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Flex gap="small" wrap align="center">
        <Button
          type="primary"
          disabled={!text.trim()}
          loading={state.isPending}
          onClick={() => state.mutate({ params: { path, header: once() }, body: { text: text.trim() } })}
        >
          {t("contest.send")}
        </Button>
        <label className="file-chosen">
          {t("contest.file")}{" "}
          <input type="file" accept="application/pdf,image/png,image/jpeg,text/plain" onChange={(e) => void take(e)} />
        </label>
      </Flex>
      {isTooLarge && <Alert type="error" showIcon title={t("contest.file_too_large")} />}
      <Refusal error={refusedLast(state, show)} />
    </div>
  );
}

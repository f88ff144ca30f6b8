// Who works here, with which keys and rights. A key that should open nothing any more is ended at once.
import { api, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { useWho } from "@tiao/desk/Desk";
import { KeyLabel } from "@tiao/desk/labels";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { refusedLast, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Checkbox, Flex, Input, Popconfirm, Tag, Typography } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import { Heading } from "@tiao/desk/Heading";

type ApiKey = Schemas["KeyShown"];

export default function Team() {
  const { t } = useSpeech();
  const team = api.useQuery("get", "/v1/operators", {});
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <Heading title="ops.nav.team" note="team.how">
        <Button type="primary" onClick={() => setAdding(true)}>
          {t("team.add")}
        </Button>
      </Heading>
      <Refusal error={team.error} />
      {team.data?.data.map((person) => (
        <Person key={person.id} person={person} />
      ))}
      {team.data && isAdding && <Add scopes={team.data.scopes} onClose={() => setAdding(false)} />}
    </>
  );
}

function Person({ person }: { person: Schemas["OperatorShown"] }) {
  const { t } = useSpeech();
  const who = useWho();
  const [isAll, setAll] = useState(false);
  const isLive = (key: ApiKey) => !key.revoked_at && !(key.expires_at && Date.parse(key.expires_at) < Date.now());
  const keys = person.keys.filter((key) => isAll || isLive(key));
  return (
    <Card
      size="small"
      title={
        <>
          {person.name} {person.id === who.subject && <Tag color="processing">{t("team.you")}</Tag>}
          {!person.keys.some(isLive) && <Tag>{t("team.gone")}</Tag>}
        </>
      }
      extra={<Link href={`/audit?subject=${person.id}`}>{t("team.did")}</Link>}
    >
      <ul className="changes">
        {keys.map((key) => (
          <Key key={key.id} of={key} isLive={isLive(key)} />
        ))}
      </ul>
      {person.keys.length > keys.length && (
        <Button type="link" size="small" onClick={() => setAll(true)}>
          {t("team.ended_too", { count: person.keys.length - keys.length })}
        </Button>
      )}
    </Card>
  );
}

function Key({ of, isLive }: { of: ApiKey; isLive: boolean }) {
  const { t, instant } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const end = api.useMutation("delete", "/v1/api_keys/{key_id}", {
    onSuccess: () => {
      say(t("line.done"));
      return queries.invalidateQueries();
    },
  });
  const who = useWho();
  const [header] = useState(once);
  const confirm = api.useMutation("post", "/v1/api_keys/{key_id}/confirmation", {
    onSuccess: () => {
      say(t("line.done"));
      return queries.invalidateQueries();
    },
  });
  return (
    <li>
      <Flex gap="small" wrap align="center">
        <span>
          <KeyLabel of={of.label} />
        </span>
        <span className="id">{of.id.slice(0, 14)}…</span>
        <small>{instant(of.created_at)}</small>
        {isLive ? <Tag color="success">{t("team.live")}</Tag> : <Tag>{t("team.ended")}</Tag>}
        {isLive && of.is_waiting && <Tag color="warning">{t("team.waits")}</Tag>}
        {of.expires_at && isLive && <small>{t("team.until", { until: instant(of.expires_at) })}</small>}
        {isLive && of.is_waiting && of.issued_by !== who.subject && (
          <Popconfirm
            title={t("team.confirm_sure")}
            onConfirm={() => confirm.mutate({ params: { header, path: { key_id: of.id } } })}
          >
            <Button size="small" loading={confirm.isPending}>
              {t("team.confirm")}
            </Button>
          </Popconfirm>
        )}
        {isLive && (
          <Popconfirm title={t("team.end_sure")} onConfirm={() => end.mutate({ params: { path: { key_id: of.id } } })}>
            <Button size="small" danger loading={end.isPending}>
              {t("team.end")}
            </Button>
          </Popconfirm>
        )}
      </Flex>
      <details>
        <summary>{t("team.scopes", { count: of.scopes.length })}</summary>
        {of.scopes.map((scope) => (
          <Tag key={scope}>{scope}</Tag>
        ))}
      </details>
      <Refusal error={refusedLast(end, confirm)} />
    </li>
  );
}

/** Issue a key. Nobody gives away a right that they do not have. */
function Add({ scopes, onClose }: { scopes: Schemas["ScopeShown"][]; onClose: () => void }) {
  const { t } = useSpeech();
  const who = useWho();
  const queries = useQueryClient();
  const [header] = useState(once);
  const [name, setName] = useState("");
  const mine = scopes.filter((each) => who.scopes.includes(each.scope));
  const [given, setGiven] = useState<string[]>([]);
  const issue = api.useMutation("post", "/v1/api_keys", { onSuccess: () => queries.invalidateQueries() });
  const issued = issue.data;
  return (
    <Dialog
      title={t("team.add")}
      onCancel={onClose}
      okText={t(issued ? "team.kept" : "team.issue")}
      onOk={() =>
        issued
          ? onClose()
          : issue.mutate({
              params: { header },
              body: { role: "operator", label: name.trim(), scopes: given, subject: null, expires_at: null },
            })
      }
      okButtonProps={{ loading: issue.isPending, disabled: !issued && (!name.trim() || given.length === 0) }}
    >
      {issued ? (
        <div className="stack">
          <Alert type="warning" showIcon title={t("team.shown_once")} />
          {issued.key.is_waiting && <Alert type="info" showIcon title={t("team.will_wait")} />}
          <Typography.Paragraph copyable className="code">
            {issued.token}
          </Typography.Paragraph>
        </div>
      ) : (
        <div className="stack">
          <label>
            {t("team.name")}
            <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          </label>
          <Checkbox.Group value={given} onChange={setGiven}>
            <div className="rights">
              {mine.map((each) => (
                <Checkbox key={each.scope} value={each.scope}>
                  <span className="id">{each.scope}</span> <small>{each.text}</small>
                </Checkbox>
              ))}
            </div>
          </Checkbox.Group>
          <Refusal error={issue.error} />
        </div>
      )}
    </Dialog>
  );
}

// What merchants of a scene sign: every version, who wrote it, who agreed, and from when it counts.
import { api, once, type Schemas } from "@tiao/api";
import { Adding } from "@tiao/desk/Adding";
import { useMay, useWho } from "@tiao/desk/Desk";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Empty, Form, Input, Select, Tag } from "antd";
import { useState } from "react";
import { Heading } from "@tiao/desk/Heading";

type Contract = Schemas["ContractShown"];

export default function Contracts() {
  const { t, code } = useSpeech();
  const may = useMay("merchants:write");
  const [filters, setFilter] = useFilters("scene");
  const [isAdding, setAdding] = useState(false);
  const scenes = api.useQuery("get", "/v1/scenes", {});
  const scene = filters.scene ?? scenes.data?.data[0]?.scene ?? "";
  const found = api.useQuery(
    "get",
    "/v1/scenes/{scene}/contracts",
    { params: { path: { scene } } },
    { enabled: scene !== "" },
  );
  const contracts = found.data?.data ?? [];
  return (
    <>
      <Heading title="ops.nav.contracts" note="contract.how">
        <Select
          aria-label={t("contract.scene")}
          value={scene}
          popupMatchSelectWidth={false}
          onChange={(value) => setFilter("scene", value)}
          options={(scenes.data?.data ?? []).map((each) => ({ value: each.scene, label: code("scene", each.scene) }))}
        />
        {may && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t("contract.propose")}
          </Button>
        )}
      </Heading>
      <Refusal error={scenes.error ?? found.error} />
      {found.data && contracts.length === 0 && <Empty description={t("contract.none")} />}
      {contracts.map((each) => (
        <Text key={each.version} of={each} isPast={contracts.some((other) => isPastBeside(each, other))} />
      ))}
      {isAdding && <Propose scene={scene} latest={contracts[0]} onClose={() => setAdding(false)} />}
    </>
  );
}

function isPastBeside(each: Contract, other: Contract): boolean {
  return !each.is_in_force && other.is_in_force && other.version > each.version;
}

function Text({ of, isPast }: { of: Contract; isPast: boolean }) {
  const { t, day, instant } = useSpeech();
  const { subject } = useWho();
  const may = useMay("merchants:write");
  const queries = useQueryClient();
  const agree = api.useMutation("post", "/v1/scenes/{scene}/contracts/{version}/agreement", {
    onSuccess: () => queries.invalidateQueries(),
  });
  const state = of.is_in_force ? "in_force" : isPast ? "past" : of.announced_at ? "announced" : "proposed";
  return (
    <Card
      size="small"
      title={
        <>
          {of.title} · {t("contract.version", { version: of.version })}{" "}
          <Tag color={{ in_force: "success", announced: "processing", proposed: "warning", past: "default" }[state]}>
            {t(`contract.${state}`)}
          </Tag>
        </>
      }
      extra={
        may &&
        state === "proposed" && (
          <Button
            size="small"
            type="primary"
            loading={agree.isPending}
            disabled={of.proposed_by === subject}
            title={of.proposed_by === subject ? t("policy.not_your_own") : ""}
            onClick={() => agree.mutate({ params: { path: { scene: of.scene, version: of.version }, header: once() } })}
          >
            {t("contract.agree")}
          </Button>
        )
      }
    >
      <div className="stack">
        <Refusal error={agree.error} />
        <div>
          {t("contract.effective")} {day(of.effective_on)} · {t("contract.by")} {of.proposed_by}
          {of.agreed_by && ` · ${t("contract.agreed_by")} ${of.agreed_by}`}
          {of.announced_at && ` · ${t("contract.announced")} ${instant(of.announced_at)}`}
        </div>
        <details>
          <summary>{t("contract.body")}</summary>
          <p className="said">{of.body}</p>
          <p className="id">SHA-256 {of.digest}</p>
        </details>
      </div>
    </Card>
  );
}

function Propose({ scene, latest, onClose }: { scene: string; latest: Contract | undefined; onClose: () => void }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [header] = useState(once);
  const propose = api.useMutation("post", "/v1/scenes/{scene}/contracts", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  const required = [{ required: true, message: t("form.required") }];
  return (
    <Adding<{ title: string; body: string; effective_on: string }>
      title={t("contract.propose")}
      initial={{ title: latest?.title ?? "", body: latest?.body ?? "" }}
      isPending={propose.isPending}
      error={propose.error}
      onClose={onClose}
      onSend={(said) =>
        propose.mutate({
          params: { path: { scene }, header },
          body: { ...said, version: (latest?.version ?? 0) + 1 },
        })
      }
    >
      <Form.Item label={t("contract.title")} name="title" rules={required}>
        <Input autoFocus maxLength={100} />
      </Form.Item>
      <Form.Item label={t("contract.effective")} name="effective_on" rules={required}>
        <Input type="date" />
      </Form.Item>
      <Form.Item label={t("contract.body")} name="body" rules={required}>
        <Input.TextArea autoSize={{ minRows: 8, maxRows: 20 }} />
      </Form.Item>
    </Adding>
  );
}

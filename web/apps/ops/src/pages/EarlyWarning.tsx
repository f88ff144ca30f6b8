// Behavioural scores: off, in shadow, or taking part in limit reviews; and whom they warn of, and why.
import { api, once } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { Refusal } from "@tiao/desk/Refusal";
import { useSay } from "@tiao/desk/Say";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Table, Tag, Timeline, Typography } from "antd";
import { useState } from "react";
import { Heading } from "@tiao/desk/Heading";
import { Id } from "../parts/Shown";

const MODES = ["off", "shadow", "on"] as const;

export default function EarlyWarning() {
  const { t, code, instant, day } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const state = api.useQuery("get", "/v1/early_warning", {});
  const lines = api.useQuery("get", "/v1/early_warning/lines", {});
  const [asked, setAsked] = useState<(typeof MODES)[number] | null>(null);
  const done = {
    onSuccess: () => {
      say(t("line.done"));
      setAsked(null);
      return queries.invalidateQueries();
    },
  };
  const changes = {
    off: api.useMutation("post", "/v1/early_warning/off", done),
    shadow: api.useMutation("post", "/v1/early_warning/shadow", done),
    on: api.useMutation("post", "/v1/early_warning/on", done),
  };
  const found = state.data;
  return (
    <>
      <Heading title="ops.nav.warning" note="warning.how">
        {found &&
          MODES.filter((mode) => mode !== found.mode).map((mode) => (
            <Button key={mode} danger={mode === "off"} onClick={() => setAsked(mode)}>
              {t(`warning.to.${mode}`)}
            </Button>
          ))}
      </Heading>
      <Refusal error={state.error ?? lines.error} />
      {found && (
        <Flex gap="small" align="center" wrap>
          <Tag color={{ off: "default", shadow: "processing", on: "success" }[found.mode]}>
            {code("warning.mode", found.mode)}
          </Tag>
          <span className="id">{found.model_version ?? found.shipped}</span>
        </Flex>
      )}
      <Typography.Title level={2}>{t("warning.lines")}</Typography.Title>
      <Table
        size="small"
        rowKey="line"
        loading={lines.isPending}
        dataSource={lines.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("warning.none") }}
        columns={[
          { title: t("case.customer"), render: (_, row) => <Id of={row.customer} /> },
          { title: t("warning.on"), render: (_, row) => day(row.warned_on) },
          {
            title: t("decision.probability"),
            align: "right",
            render: (_, row) => `${(row.probability * 100).toFixed(1)} %`,
          },
          {
            title: t("warning.why"),
            render: (_, row) => (
              <ol className="reasons">
                {row.reasons.map((reason) => (
                  <li key={reason.code}>{reason.text}</li>
                ))}
              </ol>
            ),
          },
        ]}
      />
      {found && found.steps.length > 0 && (
        <Card size="small" title={t("rules.history")}>
          <Timeline
            items={[...found.steps].reverse().map((step) => ({
              content: `${instant(step.at)} · ${code("warning.mode", step.mode)} · ${step.by}: ${step.reason}`,
            }))}
          />
        </Card>
      )}
      {asked && (
        <Ask
          title={t(`warning.sure.${asked}`)}
          isDanger={asked === "off"}
          isPending={changes[asked].isPending}
          error={changes[asked].error}
          onCancel={() => setAsked(null)}
          onAnswer={(reason) => changes[asked].mutate({ params: { header: once() }, body: { reason } })}
        />
      )}
    </>
  );
}

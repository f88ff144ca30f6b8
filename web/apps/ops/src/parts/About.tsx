// What a person needs to know to answer a case: what was decided and why, what is known, what is owed.
import { api } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Facts } from "@tiao/desk/Facts";
import { useSpeech } from "@tiao/ui";
import { Collapse, Tag } from "antd";
import { Link } from "wouter";
import { Money } from "./Shown";

export function About({ customer, decision }: { customer: string; decision: string | null }) {
  const { t } = useSpeech();
  return (
    <Collapse
      defaultActiveKey={["decision", "line"]}
      items={[
        ...(decision ? [{ key: "decision", label: t("about.decision"), children: <Decided id={decision} /> }] : []),
        { key: "line", label: t("about.line"), children: <Line customer={customer} /> },
        { key: "profile", label: t("about.profile"), children: <Profile customer={customer} /> },
      ]}
    />
  );
}

export function Decided({ id }: { id: string }) {
  const { t, code, instant } = useSpeech();
  const may = useMay("credit:write");
  const shown = api.useQuery("get", "/v1/decisions/{decision_id}", { params: { path: { decision_id: id } } });
  const record = api.useQuery(
    "get",
    "/v1/decisions/{decision_id}/record",
    { params: { path: { decision_id: id } } },
    { enabled: may },
  );
  const decision = shown.data;
  if (!decision) return null;
  return (
    <div className="stack">
      <Facts
        of={[
          [
            t("decision.outcome"),
            <Link key="o" href={`/decisions/${id}`}>
              {code("decision.outcome", decision.outcome)}
            </Link>,
          ],
          [t("decision.at"), instant(decision.decided_at)],
          [t("decision.before"), <Money key="b" minor={decision.limit_before_minor} currency={decision.currency} />],
          [t("decision.after"), <Money key="a" minor={decision.limit_after_minor} currency={decision.currency} />],
          [t("decision.score"), record.data?.score ?? null],
          [t("decision.grade"), record.data?.grade ?? null],
          [
            t("decision.probability"),
            record.data?.probability == null ? null : `${(record.data.probability * 100).toFixed(2)} %`,
          ],
          [
            t("decision.model"),
            <span key="m" className="id">
              {decision.model_version}
            </span>,
          ],
        ]}
      />
      <ol className="reasons">
        {decision.reasons.map((reason) => (
          <li key={reason.code}>{reason.text}</li>
        ))}
      </ol>
    </div>
  );
}

export function Line({ customer }: { customer: string }) {
  const { t, code, day } = useSpeech();
  const may = useMay("line:read");
  const found = api.useQuery("get", "/v1/line", { params: { query: { customer } } }, { retry: false, enabled: may });
  const line = found.data;
  // Whoever may not see a line is not told that there is none.
  if (!may) return null;
  if (!line) return <>{found.isPending ? "…" : t("about.no_line")}</>;
  return (
    <Facts
      of={[
        [
          t("line.status"),
          <Tag key="s" color={line.status === "active" ? "success" : "warning"}>
            {code("line.status", line.status)}
          </Tag>,
        ],
        [t("line.limit"), <Money key="l" minor={line.limit_minor} currency={line.currency} />],
        [t("line.used"), <Money key="u" minor={line.used_minor} currency={line.currency} />],
        [t("line.held"), <Money key="h" minor={line.held_minor} currency={line.currency} />],
        [t("line.available"), <Money key="a" minor={line.available_minor} currency={line.currency} />],
        [t("line.opened"), day(line.opened_on)],
      ]}
    />
  );
}

export function Profile({ customer }: { customer: string }) {
  const { t, code } = useSpeech();
  const may = useMay("decisions:read");
  const found = api.useQuery("get", "/v1/profile", { params: { query: { customer } } }, { retry: false, enabled: may });
  if (!may) return null;
  if (!found.data) return <>{found.isPending ? "…" : t("about.no_profile")}</>;
  return (
    <div className="stack">
      {found.data.is_thin && <Tag color="warning">{t("about.thin")}</Tag>}
      <Facts
        of={found.data.features.map((feature) => [
          <span key={feature.name} title={`${feature.says} ${feature.value === null ? feature.null_means : ""}`}>
            {code("feature", feature.name)}
          </span>,
          feature.value === null ? "–" : feature.value.toLocaleString(),
        ])}
      />
    </div>
  );
}

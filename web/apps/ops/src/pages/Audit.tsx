// Who changed, saw and took out what, when, and why. Nobody changes this list.
import { api, client, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { useFilters } from "@tiao/desk/filters";
import { List } from "@tiao/desk/paging";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Input, Select, Tag } from "antd";
import { useState } from "react";
import { Export } from "../parts/Export";
import { Heading } from "@tiao/desk/Heading";

type Act = Schemas["ActShown"];
const DID = ["changed", "saw", "exported"] as const;
const COLOUR = { changed: "default", saw: "warning", exported: "error" } as const;
const AN_ID = /^[a-z]{3}_[0-9a-f]{32}$/;

export default function Audit() {
  const { t, code, instant } = useSpeech();
  const [filters, setFilter] = useFilters("did", "subject", "about");
  const [about, setAbout] = useState(filters.about ?? "");
  const mayTeam = useMay("keys:write");
  const team = api.useQuery("get", "/v1/operators", {}, { enabled: mayTeam });
  const names = new Map(team.data?.data.map((each) => [each.id, each.name]));
  const read = (after: string | undefined) =>
    client.GET("/v1/operator_acts", {
      params: { query: { ...filters, did: filters.did as Act["did"] | undefined, limit: 50, after } as never },
    });
  const pages = usePages<Act>(["acts", filters], read);
  return (
    <>
      <Heading title="ops.nav.audit" note="audit.how">
        <Export
          list="operator_acts"
          filters={new URLSearchParams(filters as Record<string, string>).toString()}
          head={["at", "operator", "key", "did", "operation", "reason"]}
          read={read}
          row={(row) => [row.at, row.operator, row.key, row.did, row.operation, row.reason]}
        />
      </Heading>
      <div className="filters">
        <label>
          {t("audit.did")}
          <Select
            value={filters.did ?? ""}
            onChange={(value) => setFilter("did", value)}
            options={[
              { value: "", label: t("audit.any") },
              ...DID.map((value) => ({ value, label: code("audit.did", value) })),
            ]}
          />
        </label>
        {team.data && (
          <label>
            {t("audit.who")}
            <Select
              value={filters.subject ?? ""}
              onChange={(value) => setFilter("subject", value)}
              options={[
                { value: "", label: t("audit.any") },
                ...team.data.data.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          </label>
        )}
        <label>
          {t("audit.about")}
          <Input.Search
            allowClear
            value={about}
            placeholder="cus_… lin_…"
            status={about === "" || AN_ID.test(about.trim()) ? "" : "error"}
            onChange={(event) => {
              setAbout(event.target.value);
              if (event.target.value === "") setFilter("about", null);
            }}
            onSearch={(text) => {
              if (text === "" || AN_ID.test(text.trim())) setFilter("about", text.trim());
            }}
          />
        </label>
      </div>
      <List
        pages={pages}
        locale={{ emptyText: t("audit.none") }}
        columns={[
          { title: t("decision.at"), render: (_, row) => instant(row.at) },
          {
            title: t("audit.who"),
            render: (_, row) => (
              <span title={row.operator}>{names.get(row.operator) ?? row.operator.slice(0, 14)}</span>
            ),
          },
          {
            title: t("audit.did"),
            render: (_, row) => <Tag color={COLOUR[row.did]}>{code("audit.did", row.did)}</Tag>,
          },
          { title: t("audit.operation"), render: (_, row) => <code className="code condition">{row.operation}</code> },
          { title: t("case.reason"), render: (_, row) => row.reason ?? "–" },
        ]}
      />
    </>
  );
}

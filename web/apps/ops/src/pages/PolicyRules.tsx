// The dated rules: what holds on a day and why, what was or will be different on another, and every version of each.
import { api, type Schemas } from "@tiao/api";
import { useFilters } from "@tiao/desk/filters";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { Checkbox, Input, Table, Tag } from "antd";

type Rule = Schemas["DatedRuleShown"];

/** A rule's value as people read it; lists and ranges keep their form. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(showValue).join(", ");
  if (typeof value === "object")
    return Object.entries(value as Record<string, unknown>)
      .map(([name, each]) => `${name} ${showValue(each)}`)
      .join(", ");
  return String(value);
}

export default function PolicyRules() {
  const { t, code, day } = useSpeech();
  const [filters, setFilter] = useFilters("on", "against", "find", "changed");
  const query = { ...(filters.on ? { on: filters.on } : {}), ...(filters.against ? { against: filters.against } : {}) };
  const rules = api.useQuery("get", "/v1/policy_rules", { params: { query } });
  const found = rules.data;
  const rows = (found?.rules ?? []).filter(
    (row) => (!filters.changed || row.is_different) && (!filters.find || row.id.includes(filters.find)),
  );
  return (
    <div className="stack">
      <div className="filters">
        <label>
          {t("dated.on")}
          <Input
            type="date"
            value={filters.on ?? found?.on ?? ""}
            onChange={(event) => setFilter("on", event.target.value)}
          />
        </label>
        <label>
          {t("dated.against")}
          <Input
            type="date"
            value={filters.against ?? ""}
            onChange={(event) => setFilter("against", event.target.value)}
          />
        </label>
        <label>
          {t("dated.find")}
          <Input allowClear value={filters.find ?? ""} onChange={(event) => setFilter("find", event.target.value)} />
        </label>
        <Checkbox
          checked={filters.changed === "1"}
          onChange={(event) => setFilter("changed", event.target.checked ? "1" : null)}
        >
          {t("dated.only_changed")}
        </Checkbox>
      </div>
      <Refusal error={rules.error} />
      {found && (
        <p className="note">
          {t("dated.pack", { pack: found.pack, as_of: day(found.as_of), count: rows.length })}{" "}
          <span className="id">{found.digest.slice(0, 16)}</span>
        </p>
      )}
      <Table<Rule>
        size="small"
        rowKey="id"
        loading={rules.isPending}
        dataSource={rows}
        pagination={{ pageSize: 25, showSizeChanger: false, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("dated.none") }}
        expandable={{ expandedRowRender: (row) => <Versions of={row} /> }}
        columns={[
          {
            title: t("policy.rule"),
            render: (_, row) => (
              <span className="id" title={row.note ?? ""}>
                {row.id}
              </span>
            ),
          },
          {
            title: t("policy.value"),
            render: (_, row) => (
              <span className="condition">
                {showValue(row.value)} {row.is_overridden && <Tag color="warning">{t("dated.overridden")}</Tag>}
              </span>
            ),
          },
          ...(filters.against
            ? [
                {
                  title: t("dated.then"),
                  render: (_: unknown, row: Rule) => (
                    <span className={row.is_different ? "late" : ""}>{showValue(row.value_against)}</span>
                  ),
                },
              ]
            : []),
          { title: t("dated.unit"), dataIndex: "unit" },
          { title: t("dated.binding"), render: (_, row) => code("dated.binding", row.binding) },
          {
            title: t("dated.source"),
            render: (_, row) => (
              <span className="condition">
                {row.source} {row.needs_check && <Tag color="warning">{t("dated.verify")}</Tag>}
              </span>
            ),
          },
          { title: t("dated.enforced"), dataIndex: "enforced_in" },
        ]}
      />
    </div>
  );
}

function Versions({ of }: { of: Rule }) {
  const { t, day } = useSpeech();
  return (
    <div className="stack">
      {of.note && <p className="note">{of.note}</p>}
      <Table
        size="small"
        rowKey={(row) => `${row.effective_from ?? ""}${row.applies_to.join()}${showValue(row.value)}${row.source}`}
        pagination={false}
        dataSource={of.versions}
        columns={[
          { title: t("policy.from"), render: (_, row) => (row.effective_from ? day(row.effective_from) : "–") },
          { title: t("dated.to"), render: (_, row) => (row.effective_to ? day(row.effective_to) : "–") },
          { title: t("policy.value"), render: (_, row) => showValue(row.value) },
          { title: t("dated.applies_to"), render: (_, row) => row.applies_to.join(", ") },
          {
            title: t("dated.source"),
            render: (_, row) => (
              <>
                {row.source} {row.article} {row.is_switched && <Tag>{t("dated.switched")}</Tag>}
              </>
            ),
          },
        ]}
      />
    </div>
  );
}

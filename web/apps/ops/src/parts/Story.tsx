// One time line of a customer: what was booked, judged, decided, said, routed and owed.
import { client, type Schemas } from "@tiao/api";
import { useFilters } from "@tiao/desk/filters";
import { List } from "@tiao/desk/paging";
import { type Speech, useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Select, Tag } from "antd";
import { Id, Money } from "./Shown";
import { allSuspected } from "./suspicion";

type Happening = Schemas["HappeningShown"];

const KINDS = [
  ...["decision", "purchase", "risk", "ledger", "repayment", "routing", "message", "contact"],
  ...["adjustment", "stage", "case", "risk_case", "dispute", "consent"],
];
/** Where the words of what happened are found, by what kind it is. */
const WORDS: Record<string, string> = {
  decision: "decision.outcome",
  purchase: "purchase.outcome",
  risk: "risk.outcome",
  ledger: "posting.kind",
  repayment: "repayment.kind",
  routing: "debit.state",
  message: "message.kind",
  contact: "collect.outcome",
  case: "case.kind",
  risk_case: "risk.subject",
  dispute: "dispute.state",
  adjustment: "adjustment.kind",
  consent: "consent.step",
};

/** Whose details are codes, and where their words are found; the others are what people or the platform wrote. */
const DETAILS: Record<string, string> = { decision: "decision.kind", purchase: "plan", dispute: "dispute.reason" };

function detailed(code: Speech["code"], { kind, detail }: Happening): string {
  if (kind === "risk" || kind === "risk_case") return allSuspected(code, detail);
  const words = DETAILS[kind];
  return words === undefined ? detail : code(words, detail);
}

export function Story({ customer }: { customer: string }) {
  const { t, code, instant } = useSpeech();
  const [filters, setFilter] = useFilters("kinds");
  const kinds = filters.kinds?.split(",") ?? [];
  const pages = usePages<Happening>(["timeline", customer, filters.kinds], (after) =>
    client.GET("/v1/customers/{customer_id}/timeline", {
      params: {
        path: { customer_id: customer },
        query: { limit: 50, ...(filters.kinds ? { kinds: filters.kinds } : {}), ...(after ? { after } : {}) },
      },
    }),
  );
  return (
    <div className="stack">
      <Select
        mode="multiple"
        allowClear
        className="wide"
        aria-label={t("story.kinds")}
        placeholder={t("story.kinds")}
        value={kinds}
        onChange={(chosen: string[]) => setFilter("kinds", chosen.join(","))}
        options={KINDS.map((value) => ({ value, label: code("story.kind", value) }))}
      />
      <List
        pages={pages}
        rowKey={(row) => `${row.at} ${row.kind} ${row.what} ${row.ref}`}
        locale={{ emptyText: t("story.none") }}
        columns={[
          { title: t("decision.at"), render: (_, row) => instant(row.at) },
          { title: t("story.kind"), render: (_, row) => <Tag>{code("story.kind", row.kind)}</Tag> },
          { title: t("story.what"), render: (_, row) => code(WORDS[row.kind] ?? "", row.what) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) =>
              row.amount_minor === null ? (
                ""
              ) : (
                <Money minor={row.amount_minor} {...(row.currency ? { currency: row.currency } : {})} />
              ),
          },
          { title: t("story.detail"), render: (_, row) => <span className="condition">{detailed(code, row)}</span> },
          { title: t("story.about"), render: (_, row) => <Id of={row.ref} /> },
        ]}
      />
    </div>
  );
}

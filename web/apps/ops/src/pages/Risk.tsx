// Suspended payments and suspicious customers and merchants, what may be lost most first.
import { api, client, once, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Tag } from "antd";
import { lazy } from "react";
import { CaseRow } from "../parts/CaseRow";
import { Casework } from "../parts/Casework";
import { Money } from "../parts/Shown";

/** Whoever only looks at the list need not fetch what a case is shown with. */
const RiskCase = lazy(() => import("../parts/RiskCase"));

type Case = Schemas["RiskCaseShown"];
type Asking = "release" | "refuse" | "note";

const about = (row: Case) => ({ params: { path: { case_id: row.id }, header: once() } });

export default function Risk() {
  const { t, code } = useSpeech();
  const counts = api.useQuery("get", "/v1/risk_case_queue", {});
  const judged = async (row: Case, releases: boolean, reason: string) => {
    const { data } = await client.POST("/v1/risk_cases/{case_id}/verdicts", {
      ...about(row),
      body: { releases, reason },
    });
    return t("queue.answered", { state: code("risk.state", data?.case.state ?? "open") });
  };
  return (
    <Casework<Case, Asking>
      title="ops.nav.risk"
      path="/risk"
      name="risk cases"
      read={(after) => client.GET("/v1/risk_cases", { params: { query: { limit: 50, after } } })}
      counts={counts.data?.data.map((row) => (
        <Tag key={row.subject} color={row.late > 0 ? "error" : "default"}>
          {t("queue.count", { kind: code("risk.subject", row.subject), open: row.open, late: row.late })}
        </Tag>
      ))}
      taking={{
        next: async () => {
          const { data } = await client.POST("/v1/risk_case_claims", {
            params: { header: once() },
            body: { subject: null },
          });
          return data?.case.id ?? "";
        },
        claim: (row) => client.POST("/v1/risk_cases/{case_id}/claim", about(row)),
        putBack: (row) => client.POST("/v1/risk_cases/{case_id}/let_go", about(row)),
      }}
      ways={{
        release: {
          key: "a",
          title: "risk.release",
          usual: ["risk.release_1", "risk.release_2", "risk.release_3"],
          ends: true,
          send: (row, reason) => judged(row, true, reason),
        },
        refuse: {
          key: "d",
          title: "risk.refuse",
          usual: ["risk.stop_1", "risk.stop_2", "risk.stop_3"],
          isDanger: true,
          ends: true,
          send: (row, reason) => judged(row, false, reason),
        },
        note: {
          key: "e",
          title: "risk.note",
          usual: [],
          ends: false,
          send: async (row, text) => {
            await client.POST("/v1/risk_cases/{case_id}/notes", { ...about(row), body: { text, sha256: null } });
            return t("risk.noted");
          },
        },
      }}
      row={(row) => (
        <CaseRow
          row={row}
          what={code("risk.subject", row.subject)}
          amount={<Money minor={row.loss_minor} currency={row.currency} />}
        />
      )}
      detail={(row, ask) => <RiskCase row={row} onAsk={ask} />}
    />
  );
}

// Credit cases: applications that wait for people, objections of customers, proposed limits.
import { api, client, once, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Tag } from "antd";
import { lazy } from "react";
import { CaseRow } from "../parts/CaseRow";
import { Casework } from "../parts/Casework";
import { Money } from "../parts/Shown";

/** Whoever only looks at the list need not fetch what a case is shown with. */
const CreditCase = lazy(() => import("../parts/CreditCase"));

type Case = Schemas["CaseShown"];
type Answering = "agree" | "refuse";

const about = (row: Case) => ({ params: { path: { case_id: row.id }, header: once() } });

async function answered(row: Case, agrees: boolean, reason: string) {
  const { data } = await client.POST("/v1/cases/{case_id}/answers", {
    ...about(row),
    body: { agrees, reason, limit_minor: null },
  });
  return data?.case.state ?? "open";
}

export default function Queue() {
  const { t, code } = useSpeech();
  const counts = api.useQuery("get", "/v1/case_queue", {});
  const said = async (row: Case, agrees: boolean, reason: string) =>
    t("queue.answered", { state: code("case.state", await answered(row, agrees, reason)) });
  return (
    <Casework<Case, Answering>
      title="ops.nav.queue"
      path="/queue"
      name="cases"
      read={(after) => client.GET("/v1/cases", { params: { query: { limit: 50, after } } })}
      counts={counts.data?.data.map((row) => (
        <Tag key={row.kind} color={row.late > 0 ? "error" : "default"}>
          {t("queue.count", { kind: code("case.kind", row.kind), open: row.open, late: row.late })}
        </Tag>
      ))}
      taking={{
        next: async () => {
          const { data } = await client.POST("/v1/case_claims", { params: { header: once() }, body: { kind: null } });
          return data?.id ?? "";
        },
        claim: (row) => client.POST("/v1/cases/{case_id}/claim", about(row)),
        putBack: (row) => client.POST("/v1/cases/{case_id}/release", about(row)),
      }}
      ways={{
        agree: {
          key: "a",
          title: "queue.agree",
          usual: ["queue.agree_1", "queue.agree_2", "queue.agree_3"],
          ends: true,
          send: (row, reason) => said(row, true, reason),
        },
        refuse: {
          key: "d",
          title: "queue.refuse",
          usual: ["queue.refuse_1", "queue.refuse_2", "queue.refuse_3"],
          isDanger: true,
          ends: true,
          send: (row, reason) => said(row, false, reason),
        },
      }}
      row={(row) => (
        <CaseRow
          row={row}
          what={code("case.kind", row.kind)}
          amount={row.limit_minor !== null && <Money minor={row.limit_minor} />}
        />
      )}
      detail={(row, ask) => <CreditCase row={row} onAnswer={ask} />}
    />
  );
}

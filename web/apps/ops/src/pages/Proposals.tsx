// What one person proposed about a merchant's money, and another agrees to or not.
import { api, client, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { List } from "@tiao/desk/paging";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { useQueryClient } from "@tanstack/react-query";
import { Tag } from "antd";
import { Heading } from "@tiao/desk/Heading";
import { Seconding } from "../parts/Seconding";
import { Id } from "../parts/Shown";

type Proposal = Schemas["ProposalShown"];

export default function Proposals() {
  const { t, code, instant } = useSpeech();
  const may = useMay("merchants:write");
  const queries = useQueryClient();
  const pages = usePages<Proposal>(["proposals"], (after) =>
    client.GET("/v1/proposals", { params: { query: { limit: 50, after } } }),
  );
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const agree = api.useMutation("post", "/v1/proposals/{proposal_id}/agreement", renew);
  const reject = api.useMutation("post", "/v1/proposals/{proposal_id}/rejection", renew);
  const about = (row: Proposal) => ({
    params: { path: { proposal_id: row.id }, header: once() },
    body: { note: null },
  });
  return (
    <>
      <Heading title="ops.nav.proposals" note="proposal.how" />
      <Refusal error={refusedLast(agree, reject)} />
      <List
        pages={pages}
        locale={{ emptyText: t("proposal.none") }}
        columns={[
          { title: t("decision.at"), render: (_, row) => instant(row.proposed_at) },
          { title: t("story.kind"), render: (_, row) => code("proposal.kind", row.kind) },
          { title: t("purchase.merchant"), render: (_, row) => <Id of={row.merchant} /> },
          { title: t("proposal.content"), render: (_, row) => <code className="code condition">{row.content}</code> },
          { title: t("case.reason"), dataIndex: "reason" },
          { title: t("recon.state"), render: (_, row) => <Tag>{code("proposal.state", row.state)}</Tag> },
          {
            title: "",
            render: (_, row) => (
              <Seconding
                of={row}
                may={may}
                onAgree={() => agree.mutate(about(row) as never)}
                onReject={() => reject.mutate(about(row) as never)}
              />
            ),
          },
        ]}
      />
    </>
  );
}

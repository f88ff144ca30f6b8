// What one person proposed to put on a line by hand, take back or let go, and another agrees to or not.
import { api, client, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Heading } from "@tiao/desk/Heading";
import { List } from "@tiao/desk/paging";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { useQueryClient } from "@tanstack/react-query";
import { Tag } from "antd";
import { Seconding } from "../parts/Seconding";
import { Id, Money } from "../parts/Shown";

type Proposal = Schemas["MoneyProposalShown"];

export default function MoneyProposals() {
  const { t, code, instant, day } = useSpeech();
  const may = useMay("loans:write");
  const queries = useQueryClient();
  const pages = usePages<Proposal>(["money_proposals"], (after) =>
    client.GET("/v1/money_proposals", { params: { query: { limit: 50, after } } }),
  );
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const agree = api.useMutation("post", "/v1/money_proposals/{proposal_id}/agreement", renew);
  const reject = api.useMutation("post", "/v1/money_proposals/{proposal_id}/rejection", renew);
  const about = (row: Proposal) => ({
    params: { path: { proposal_id: row.id }, header: once() },
    body: { note: null },
  });
  return (
    <>
      <Heading title="ops.nav.money_proposals" note="money.how" />
      <Refusal error={refusedLast(agree, reject)} />
      <List
        pages={pages}
        locale={{ emptyText: t("proposal.none") }}
        columns={[
          { title: t("decision.at"), render: (_, row) => instant(row.proposed_at) },
          { title: t("story.kind"), render: (_, row) => code("money.kind", row.kind) },
          {
            title: t("purchase.amount"),
            align: "right",
            render: (_, row) => <Money minor={row.amount_minor} currency={row.currency} />,
          },
          { title: t("money.on"), render: (_, row) => (row.effective_on === null ? "" : day(row.effective_on)) },
          { title: t("money.about"), render: (_, row) => <Id of={row.about ?? row.customer} /> },
          { title: t("case.reason"), dataIndex: "reason" },
          { title: t("recon.state"), render: (_, row) => <Tag>{code("proposal.state", row.state)}</Tag> },
          {
            title: "",
            render: (_, row) => (
              <Seconding
                of={row}
                may={may}
                onAgree={() => agree.mutate(about(row))}
                onReject={() => reject.mutate(about(row))}
              />
            ),
          },
        ]}
      />
    </>
  );
}

import { api } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { Card, Empty, Table, Typography } from "antd";
import { Link, useParams } from "wouter";
import { Money } from "../parts/Shown";

/** What a loan, repayment, refund, settlement or payout booked: every posting with its debits and credits. */
export default function Posting() {
  const { t, day, code } = useSpeech();
  const { source } = useParams<{ source: string }>();
  const postings = api.useQuery("get", "/v1/postings", { params: { query: { source } } });
  return (
    <>
      <Typography.Title level={1}>{t("ledger.postings")}</Typography.Title>
      <Typography.Text className="id">{source}</Typography.Text>
      <Refusal error={postings.error} />
      {postings.data?.data.length === 0 && <Empty description={t("ledger.nothing")} />}
      {postings.data?.data.map((posting) => (
        <Card key={posting.id} size="small" title={`${day(posting.booked_on)} · ${code("posting.kind", posting.kind)}`}>
          <Table
            size="small"
            rowKey="number"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={posting.entries}
            columns={[
              {
                title: t("ledger.account"),
                render: (_, row) => <Link href={`/ledger/${row.account}`}>{row.account}</Link>,
              },
              { title: t("ledger.name"), dataIndex: "name" },
              {
                title: t("ledger.debit"),
                align: "right",
                render: (_, row) =>
                  row.amount_minor > 0 ? <Money minor={row.amount_minor} currency={row.currency} /> : "",
              },
              {
                title: t("ledger.credit"),
                align: "right",
                render: (_, row) =>
                  row.amount_minor < 0 ? <Money minor={-row.amount_minor} currency={row.currency} /> : "",
              },
            ]}
          />
        </Card>
      ))}
    </>
  );
}

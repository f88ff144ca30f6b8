// The books: the trial balance of a day, and from each account the journal of that day, entry by entry.
import { api, type Schemas } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { Empty, Flex, Input, Spin, Table, Tag, Typography } from "antd";
import { Link, useParams, useSearchParams } from "wouter";
import { Entries } from "../parts/Entries";
import { Money } from "../parts/Shown";

export default function Ledger() {
  const { t } = useSpeech();
  const { account } = useParams<{ account?: string }>();
  const [search, setSearch] = useSearchParams();
  const chosen = search.get("on");
  const balance = api.useQuery("get", "/v1/trial_balance", { params: { query: chosen ? { on: chosen } : {} } });
  const on = chosen ?? balance.data?.on ?? "";
  return (
    <>
      <Typography.Title level={1}>
        {account
          ? `${t("ops.nav.ledger")} · ${account === "entries" ? t("ledger.entries") : account}`
          : t("ops.nav.ledger")}
      </Typography.Title>
      <Flex gap="small" align="center" wrap>
        <Input
          type="date"
          className="day"
          aria-label={t("close.day")}
          value={on}
          onChange={(event) => setSearch(event.target.value ? { on: event.target.value } : {})}
        />
        {!account && on && <Link href={`/ledger/entries?on=${on}`}>{t("ledger.see_entries")}</Link>}
        {account && <Link href={`/ledger${on ? `?on=${on}` : ""}`}>{t("ledger.all")}</Link>}
      </Flex>
      <Refusal error={balance.error} />
      {account && on ? (
        <Journal account={account === "entries" ? null : Number(account)} on={on} />
      ) : (
        <Trial balance={balance.data} isPending={balance.isPending} />
      )}
    </>
  );
}

function Trial({ balance, isPending }: { balance: Schemas["TrialBalance"] | undefined; isPending: boolean }) {
  const { t, language } = useSpeech();
  const rows = balance?.rows ?? [];
  const debit = rows.reduce((sum, row) => sum + row.debit_minor, 0);
  const credit = rows.reduce((sum, row) => sum + row.credit_minor, 0);
  return (
    <Table
      size="small"
      rowKey={(row) => `${row.account} ${row.currency}`}
      loading={isPending}
      dataSource={rows}
      pagination={false}
      scroll={{ x: "max-content" }}
      columns={[
        {
          title: t("ledger.account"),
          render: (_, row) => <Link href={`/ledger/${row.account}?on=${balance?.on ?? ""}`}>{row.account}</Link>,
        },
        { title: t("ledger.name"), render: (_, row) => (language === "zh-CN" ? row.name_zh : row.name) },
        {
          title: t("ledger.debit"),
          align: "right",
          render: (_, row) => <Money minor={row.debit_minor} currency={row.currency} />,
        },
        {
          title: t("ledger.credit"),
          align: "right",
          render: (_, row) => <Money minor={row.credit_minor} currency={row.currency} />,
        },
        {
          title: t("ledger.balance"),
          align: "right",
          render: (_, row) => <Money minor={row.balance_minor} currency={row.currency} />,
        },
      ]}
      summary={() =>
        rows.length > 0 && (
          <Table.Summary.Row>
            <Table.Summary.Cell index={0} colSpan={2}>
              <Tag color={debit === credit ? "success" : "error"}>
                {t(debit === credit ? "ledger.balanced" : "ledger.unbalanced")}
              </Tag>
            </Table.Summary.Cell>
            <Table.Summary.Cell index={2} align="right">
              <Money minor={debit} currency={rows[0]?.currency ?? "CNY"} />
            </Table.Summary.Cell>
            <Table.Summary.Cell index={3} align="right">
              <Money minor={credit} currency={rows[0]?.currency ?? "CNY"} />
            </Table.Summary.Cell>
            <Table.Summary.Cell index={4} />
          </Table.Summary.Row>
        )
      }
    />
  );
}

/** Every entry of the day, of all accounts or of one; a bar as long as the day, of which only what is in sight is fetched. */
function Journal({ account, on }: { account: number | null; on: string }) {
  const { t } = useSpeech();
  const query = account === null ? { on } : { on, account };
  const blocks = api.useQuery("get", "/v1/entry_blocks", { params: { query } }, { staleTime: 60_000 });
  return (
    <>
      <Refusal error={blocks.error} />
      {blocks.isPending && <Spin />}
      {blocks.data?.entries === 0 && <Empty description={t("ledger.nothing")} />}
      {blocks.data && blocks.data.entries > 0 && (
        <Entries key={`${account} ${on}`} on={on} account={account} blocks={blocks.data} />
      )}
    </>
  );
}

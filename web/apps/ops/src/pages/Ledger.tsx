// The books: the trial balance of a day, and from each account the journal of that day, entry by entry.
import { api, client, type Schemas } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { usePages } from "@tiao/ui/pages";
import { useSpeech } from "@tiao/ui";
import { Flex, Input, Table, Tag, Typography } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, useParams, useSearchParams } from "wouter";
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
        {account ? `${t("ops.nav.ledger")} · ${account}` : t("ops.nav.ledger")}
      </Typography.Title>
      <Flex gap="small" align="center" wrap>
        <Input
          type="date"
          className="day"
          aria-label={t("close.day")}
          value={on}
          onChange={(event) => setSearch(event.target.value ? { on: event.target.value } : {})}
        />
        {account && <Link href={`/ledger${on ? `?on=${on}` : ""}`}>{t("ledger.all")}</Link>}
      </Flex>
      <Refusal error={balance.error} />
      {account && on ? (
        <Journal key={`${account} ${on}`} account={Number(account)} on={on} />
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

const ROW_PX = 36;

/** Only the rows in sight are drawn; the next page is asked for before its end comes into sight. */
function Journal({ account, on }: { account: number; on: string }) {
  const { t, code } = useSpeech();
  const pages = usePages(["journal", account, on], (after) =>
    client.GET("/v1/journal", { params: { query: { on, account, limit: 100, after } } }),
  );
  const entries = pages.rows.flatMap((posting) =>
    posting.entries
      .filter((entry) => entry.account === account)
      .map((entry) => ({ posting, entry, key: `${posting.id} ${entry.number}` })),
  );
  const box = useRef<HTMLDivElement>(null);
  const [height, setHeight] = useState(480);
  useEffect(() => {
    const measure = () => setHeight(Math.max(240, (box.current?.clientHeight ?? 520) - 40));
    measure();
    addEventListener("resize", measure);
    return () => removeEventListener("resize", measure);
  }, []);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = pages;
  return (
    <div className="ledger" ref={box}>
      <Refusal error={pages.error} />
      <Table
        virtual
        size="small"
        rowKey="key"
        loading={pages.isPending}
        dataSource={entries}
        pagination={false}
        scroll={{ x: 760, y: height }}
        onScroll={(event) => {
          const body = event.currentTarget;
          if (
            hasNextPage &&
            !isFetchingNextPage &&
            body.scrollTop + body.clientHeight > body.scrollHeight - 40 * ROW_PX
          )
            void fetchNextPage();
        }}
        columns={[
          {
            title: t("ledger.posting"),
            width: 190,
            render: (_, row) => (
              <span className="id" title={row.posting.id}>
                {row.posting.id.slice(0, 20)}…
              </span>
            ),
          },
          { title: t("ledger.kind"), width: 190, render: (_, row) => code("posting.kind", row.posting.kind) },
          {
            title: t("ledger.owner"),
            width: 140,
            render: (_, row) => (
              <span className="id" title={row.entry.owner}>
                {row.entry.owner.slice(0, 12)}…
              </span>
            ),
          },
          {
            title: t("ledger.debit"),
            width: 120,
            align: "right",
            render: (_, row) =>
              row.entry.amount_minor > 0 ? <Money minor={row.entry.amount_minor} currency={row.entry.currency} /> : "",
          },
          {
            title: t("ledger.credit"),
            width: 120,
            align: "right",
            render: (_, row) =>
              row.entry.amount_minor < 0 ? <Money minor={-row.entry.amount_minor} currency={row.entry.currency} /> : "",
          },
        ]}
      />
      <Typography.Text type="secondary">
        {t(hasNextPage ? "ledger.read_so_far" : "ledger.read_all", { count: entries.length })}
      </Typography.Text>
    </div>
  );
}

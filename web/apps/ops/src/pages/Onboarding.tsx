// Companies that want to become merchants: how far each has come, and a way to open an application for one.
import { api, client, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { useFilters } from "@tiao/desk/filters";
import { Adding, Once } from "@tiao/desk/Adding";
import { List } from "@tiao/desk/paging";
import { useSpeech } from "@tiao/ui";
import { usePages } from "@tiao/ui/pages";
import { Button, Form, Input, Select, Tag } from "antd";
import { useState } from "react";
import { Link } from "wouter";
import { Heading } from "@tiao/desk/Heading";
import { STATE_COLOUR } from "../onboarding/states";

type Application = Schemas["MerchantApplicationShown"];
type State = Schemas["ApplicationState"];

export default function Onboarding() {
  const { t, code, instant } = useSpeech();
  const may = useMay("merchants:write");
  const [filters, setFilter] = useFilters("state");
  const [isAdding, setAdding] = useState(false);
  const pages = usePages<Application>(["applications", filters.state], (after) =>
    client.GET("/v1/merchant_applications", {
      params: { query: { limit: 50, after, ...(filters.state ? { state: filters.state as State } : {}) } },
    }),
  );
  return (
    <>
      <Heading title="ops.nav.onboarding" note="onboarding.how">
        <Select
          aria-label={t("onboarding.state")}
          value={filters.state ?? ""}
          onChange={(value) => setFilter("state", value)}
          popupMatchSelectWidth={false}
          options={[
            { value: "", label: t("onboarding.any") },
            ...Object.keys(STATE_COLOUR).map((value) => ({ value, label: code("onboarding.state", value) })),
          ]}
        />
        {may && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t("onboarding.open")}
          </Button>
        )}
      </Heading>
      <List
        pages={pages}
        locale={{ emptyText: t("onboarding.none") }}
        columns={[
          { title: t("onboarding.opened"), render: (_, row) => instant(row.opened_at) },
          {
            title: t("onboarding.company"),
            render: (_, row) => <Link href={`/onboarding/${row.id}`}>{row.company}</Link>,
          },
          { title: t("onboarding.trade_name"), dataIndex: "trade_name" },
          {
            title: t("onboarding.scenes"),
            render: (_, row) => row.scenes.map((each) => code("scene", each)).join("、"),
          },
          { title: t("onboarding.grade"), render: (_, row) => row.grade ?? "–" },
          {
            title: t("onboarding.state"),
            render: (_, row) => <Tag color={STATE_COLOUR[row.state]}>{code("onboarding.state", row.state)}</Tag>,
          },
        ]}
      />
      {isAdding && <Open onClose={() => setAdding(false)} />}
    </>
  );
}

interface Said {
  company: string;
  credit_code: string;
  trade_name: string;
  representative: string;
  phone: string;
  account_holder: string;
  account: string;
  scenes: string[];
  websites?: string;
  stores?: string;
}

const lines = (text: string | undefined) => (text ?? "").split("\n").flatMap((line) => line.trim() || []);
const FIELDS = [
  ["company", "onboarding.company"],
  ["credit_code", "onboarding.code"],
  ["trade_name", "onboarding.trade_name"],
  ["representative", "onboarding.representative"],
  ["phone", "onboarding.phone"],
  ["account_holder", "onboarding.account_holder"],
  ["account", "onboarding.account"],
] as const;

/** The company goes on by itself, with the key that is shown once at the end. */
function Open({ onClose }: { onClose: () => void }) {
  const { t, code } = useSpeech();
  const [header] = useState(once);
  const scenes = api.useQuery("get", "/v1/scenes", {});
  const open = api.useMutation("post", "/v1/merchant_applications");
  const token = open.data?.token;
  if (token)
    return <Once title={t("onboarding.open")} text={t("onboarding.token_once")} token={token} onClose={onClose} />;
  const required = [{ required: true, message: t("form.required") }];
  return (
    <Adding<Said>
      title={t("onboarding.open")}
      onClose={onClose}
      isPending={open.isPending}
      error={open.error}
      onSend={({ websites, stores, ...said }) =>
        open.mutate({
          params: { header },
          body: { ...said, websites: lines(websites), stores: lines(stores), currency: "CNY" },
        })
      }
    >
      {FIELDS.map(([name, label], place) => (
        <Form.Item key={name} label={t(label)} name={name} rules={required}>
          <Input autoFocus={place === 0} maxLength={100} />
        </Form.Item>
      ))}
      <Form.Item label={t("onboarding.scenes")} name="scenes" rules={required}>
        <Select
          mode="multiple"
          options={(scenes.data?.data ?? []).map((each) => ({ value: each.scene, label: code("scene", each.scene) }))}
        />
      </Form.Item>
      {(["websites", "stores"] as const).map((name) => (
        <Form.Item key={name} label={t(`onboarding.${name}`)} name={name} extra={t("onboarding.one_a_line")}>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} />
        </Form.Item>
      ))}
    </Adding>
  );
}

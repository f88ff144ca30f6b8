// Shops and tills: where a customer's code is scanned, and the printed codes that customers scan.
import { api, once } from "@tiao/api";
import { Adding } from "@tiao/desk/Adding";
import { Refusal } from "@tiao/desk/Refusal";
import { useMay } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Checkbox, Empty, Flex, Form, Input, Table, Typography } from "antd";
import { useState } from "react";

export default function Stores() {
  const { t } = useSpeech();
  const may = useMay("purchases:write");
  const [isAdding, setAdding] = useState(false);
  const stores = api.useQuery("get", "/v1/stores", {});
  const all = stores.data?.data ?? [];
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.stores")}</Typography.Title>
        {may && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t("store.add")}
          </Button>
        )}
      </Flex>
      <Refusal error={stores.error} />
      {stores.data && all.length === 0 && <Empty description={t("store.none")} />}
      {all.map((store) => (
        <Store key={store.id} id={store.id} name={store.name} address={store.address} may={may} />
      ))}
      {isAdding && <AddStore onClose={() => setAdding(false)} />}
    </>
  );
}

function Store({ id, name, address, may }: { id: string; name: string; address: string; may: boolean }) {
  const { t, instant } = useSpeech();
  const [isAdding, setAdding] = useState(false);
  const tills = api.useQuery("get", "/v1/stores/{store_id}/terminals", { params: { path: { store_id: id } } });
  return (
    <Card
      title={name}
      extra={
        may && (
          <Button size="small" onClick={() => setAdding(true)}>
            {t("store.till_add")}
          </Button>
        )
      }
    >
      <Typography.Paragraph type="secondary">{address}</Typography.Paragraph>
      <Refusal error={tills.error} />
      <Table
        size="small"
        rowKey="id"
        loading={tills.isPending}
        dataSource={tills.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("store.till_none") }}
        columns={[
          { title: t("store.till"), dataIndex: "label" },
          { title: t("store.till_id"), render: (_, row) => <span className="id">{row.id}</span> },
          { title: t("session.made"), render: (_, row) => instant(row.made_at) },
          {
            title: t("store.poster"),
            render: (_, row) =>
              row.poster_url === null ? (
                "–"
              ) : (
                <a href={row.poster_url} target="_blank" rel="noreferrer">
                  {t("store.poster_pdf")}
                </a>
              ),
          },
        ]}
      />
      {isAdding && <AddTill store={id} onClose={() => setAdding(false)} />}
    </Card>
  );
}

function AddStore({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  // Sent twice by a stuttering network it is made once; another is asked for by opening the form again.
  const [header] = useState(once);
  const add = api.useMutation("post", "/v1/stores", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  const required = [{ required: true, message: t("form.required") }];
  return (
    <Adding<{ name: string; address: string; city: string }>
      title={t("store.add")}
      initial={{ city: "" }}
      isPending={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={(body) => add.mutate({ params: { header }, body })}
    >
      <Form.Item label={t("store.name")} name="name" rules={required}>
        <Input autoFocus maxLength={200} />
      </Form.Item>
      <Form.Item label={t("store.address")} name="address" rules={required}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item label={t("store.city")} name="city">
        <Input maxLength={15} />
      </Form.Item>
    </Adding>
  );
}

function AddTill({ store, onClose }: { store: string; onClose: () => void }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [header] = useState(once);
  const add = api.useMutation("post", "/v1/stores/{store_id}/terminals", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  return (
    <Adding<{ label: string; has_printed_code: boolean }>
      title={t("store.till_add")}
      initial={{ has_printed_code: false }}
      isPending={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={(body) => add.mutate({ params: { path: { store_id: store }, header }, body })}
    >
      <Form.Item label={t("store.till")} name="label" rules={[{ required: true, message: t("form.required") }]}>
        <Input autoFocus maxLength={200} />
      </Form.Item>
      <Form.Item name="has_printed_code" valuePropName="checked" extra={t("store.printed_note")}>
        <Checkbox>{t("store.printed")}</Checkbox>
      </Form.Item>
    </Adding>
  );
}

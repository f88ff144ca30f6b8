// What pay-later does for the shop: experiments, begun and ended here, observed by the shop's own server.
import { api, once } from "@tiao/api";
import { Adding } from "@tiao/desk/Adding";
import { Refusal } from "@tiao/desk/Refusal";
import { useMay } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex, Form, Input, InputNumber, Table, Tag, Typography } from "antd";
import { useState } from "react";
import { Link } from "wouter";

const PPM = 10_000;

export default function Experiments() {
  const { t, instant } = useSpeech();
  const may = useMay("quotes:write");
  const [isAdding, setAdding] = useState(false);
  const list = api.useQuery("get", "/v1/experiments", {});
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.experiments")}</Typography.Title>
        {may && (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t("tryout.add")}
          </Button>
        )}
      </Flex>
      <Typography.Paragraph>{t("tryout.about")}</Typography.Paragraph>
      <Refusal error={list.error} />
      <Table
        size="small"
        rowKey="id"
        loading={list.isPending}
        dataSource={list.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: t("tryout.none") }}
        columns={[
          {
            title: t("tryout.name"),
            render: (_, row) => <Link href={`/experiments/${row.id}`}>{row.name}</Link>,
          },
          { title: t("tryout.share"), align: "right", render: (_, row) => `${row.shown_ppm / PPM} %` },
          { title: t("session.made"), render: (_, row) => instant(row.made_at) },
          {
            title: t("contest.state"),
            render: (_, row) =>
              row.ended_at === null ? (
                <Tag color="success">{t("tryout.running")}</Tag>
              ) : (
                t("tryout.ended", { at: instant(row.ended_at) })
              ),
          },
        ]}
      />
      {isAdding && <Add onClose={() => setAdding(false)} />}
    </>
  );
}

function Add({ onClose }: { onClose: () => void }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [header] = useState(once);
  const add = api.useMutation("post", "/v1/experiments", {
    onSuccess: () => {
      onClose();
      return queries.invalidateQueries();
    },
  });
  return (
    <Adding<{ name: string; percent: number }>
      title={t("tryout.add")}
      initial={{ percent: 50 }}
      isPending={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={({ name, percent }) =>
        add.mutate({ params: { header }, body: { name, shown_ppm: Math.round(percent * PPM) } })
      }
    >
      <Form.Item label={t("tryout.name")} name="name" rules={[{ required: true, message: t("form.required") }]}>
        <Input autoFocus maxLength={200} />
      </Form.Item>
      <Form.Item label={t("tryout.percent")} name="percent">
        <InputNumber min={1} max={99} />
      </Form.Item>
    </Adding>
  );
}

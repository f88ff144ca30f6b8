// The merchant's keys: made, shown once, rotated with a grace, ended.
import { api, once, type Schemas } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Flex, Input, Modal, Popconfirm, Table, Tag, Typography } from "antd";
import { useState } from "react";

export default function Keys() {
  const { t, instant } = useSpeech();
  const queries = useQueryClient();
  const [label, setLabel] = useState<string | null>(null);
  const [issued, setIssued] = useState<Schemas["KeyIssued"] | null>(null);
  const list = api.useQuery("get", "/v1/api_keys", {});
  const shown = {
    onSuccess: (made: Schemas["KeyIssued"]) => {
      setIssued(made);
      setLabel(null);
      return queries.invalidateQueries();
    },
  };
  const issue = api.useMutation("post", "/v1/api_keys", shown);
  const rotate = api.useMutation("post", "/v1/api_keys/{key_id}/rotation", shown);
  const revoke = api.useMutation("delete", "/v1/api_keys/{key_id}", { onSuccess: () => queries.invalidateQueries() });
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.keys")}</Typography.Title>
        <Button type="primary" onClick={() => setLabel("")}>
          {t("key.issue")}
        </Button>
      </Flex>
      <Refusal error={list.error ?? rotate.error ?? revoke.error} />
      {issued && (
        <Alert
          type="success"
          showIcon
          closable
          onClose={() => setIssued(null)}
          title={t("key.once")}
          description={
            <Typography.Text copyable code>
              {issued.token}
            </Typography.Text>
          }
        />
      )}
      <Table
        size="small"
        rowKey="id"
        loading={list.isPending}
        dataSource={list.data?.data ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("key.label"), dataIndex: "label" },
          { title: t("key.scopes"), render: (_, row) => row.scopes.map((scope) => <Tag key={scope}>{scope}</Tag>) },
          { title: t("session.made"), render: (_, row) => instant(row.created_at) },
          {
            title: t("key.ends"),
            render: (_, row) => (row.revoked_at ?? row.expires_at) && instant(row.revoked_at ?? row.expires_at ?? ""),
          },
          {
            title: "",
            render: (_, row) =>
              row.revoked_at === null && (
                <Flex gap="small">
                  <Popconfirm
                    title={t("key.rotate_sure")}
                    onConfirm={() =>
                      rotate.mutate({
                        params: { path: { key_id: row.id }, header: once() },
                        body: { grace_seconds: 86_400 },
                      })
                    }
                  >
                    <Button size="small">{t("key.rotate")}</Button>
                  </Popconfirm>
                  <Popconfirm
                    title={t("key.revoke_sure")}
                    onConfirm={() => revoke.mutate({ params: { path: { key_id: row.id } } })}
                  >
                    <Button size="small" danger>
                      {t("key.revoke")}
                    </Button>
                  </Popconfirm>
                </Flex>
              ),
          },
        ]}
      />
      {label !== null && (
        <Modal
          open
          title={t("key.issue")}
          onCancel={() => setLabel(null)}
          onOk={() =>
            issue.mutate({
              params: { header: once() },
              body: { role: "merchant", label: label.trim(), subject: null, scopes: null, expires_at: null },
            })
          }
          okButtonProps={{ disabled: !label.trim(), loading: issue.isPending }}
        >
          <Input
            autoFocus
            aria-label={t("key.label")}
            placeholder={t("key.label")}
            maxLength={200}
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
          <Refusal error={issue.error} />
        </Modal>
      )}
    </>
  );
}

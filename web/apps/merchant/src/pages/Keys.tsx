// People and programs of the shop: a key for each, with the rights of what they do; shown once, rotated, ended.
import { api, once, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { KeyLabel } from "@tiao/desk/labels";
import { Refusal } from "@tiao/desk/Refusal";
import { refusedLast, type Speech, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Checkbox, Flex, Form, Input, Popconfirm, Select, Table, Tag, Tooltip, Typography } from "antd";
import { useState } from "react";

export default function Keys() {
  const { t, code, instant } = useSpeech();
  const queries = useQueryClient();
  const [isAdding, setAdding] = useState(false);
  const [withEnded, setWithEnded] = useState(false);
  const [issued, setIssued] = useState<Schemas["KeyIssued"] | null>(null);
  const list = api.useQuery("get", "/v1/api_keys", {});
  const roles = api.useQuery("get", "/v1/team_roles", {}, { staleTime: Infinity }).data?.data ?? [];
  const shown = {
    onSuccess: (made: Schemas["KeyIssued"]) => {
      setIssued(made);
      setAdding(false);
      return queries.invalidateQueries();
    },
  };
  const rotate = api.useMutation("post", "/v1/api_keys/{key_id}/rotation", shown);
  const revoke = api.useMutation("delete", "/v1/api_keys/{key_id}", { onSuccess: () => queries.invalidateQueries() });
  return (
    <>
      <Flex justify="space-between" align="center" wrap gap="small">
        <Typography.Title level={1}>{t("portal.keys")}</Typography.Title>
        <Button type="primary" onClick={() => setAdding(true)}>
          {t("key.issue")}
        </Button>
      </Flex>
      <Typography.Paragraph>{t("key.about")}</Typography.Paragraph>
      <Checkbox checked={withEnded} onChange={(event) => setWithEnded(event.target.checked)}>
        {t("key.with_ended")}
      </Checkbox>
      <Refusal error={list.error ?? refusedLast(rotate, revoke)} />
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
        dataSource={(list.data?.data ?? []).filter((row) => withEnded || row.revoked_at === null)}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("key.label"), render: (_, row) => <KeyLabel of={row.label} /> },
          {
            title: t("key.role"),
            render: (_, row) => (
              <Tooltip title={row.scopes.join(", ")}>
                <Tag tabIndex={0}>{roleOf(row.scopes, roles, t, code)}</Tag>
              </Tooltip>
            ),
          },
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
      {isAdding && <Add roles={roles} onClose={() => setAdding(false)} onIssued={shown.onSuccess} />}
    </>
  );
}

type TeamRole = Schemas["TeamRoleShown"];

/** Name what a key's rights amount to. */
function roleOf(scopes: string[], roles: TeamRole[], t: Speech["t"], code: Speech["code"]): string {
  const found = roles.find(
    (role) => role.scopes.length === scopes.length && role.scopes.every((scope) => scopes.includes(scope)),
  );
  return found ? code("team", found.name) : t("key.own_rights", { count: scopes.length });
}

function Add(props: { roles: TeamRole[]; onClose: () => void; onIssued: (made: Schemas["KeyIssued"]) => unknown }) {
  const { t, code } = useSpeech();
  const [form] = Form.useForm<{ label: string; role: string }>();
  const issue = api.useMutation("post", "/v1/api_keys", { onSuccess: props.onIssued });
  const required = [{ required: true, message: t("form.required") }];
  const send = ({ label, role }: { label: string; role: string }) => {
    const scopes = props.roles.find((each) => each.name === role)?.scopes ?? null;
    const body = { role: "merchant" as const, label: label.trim(), subject: null, scopes, expires_at: null };
    issue.mutate({ params: { header: once() }, body });
  };
  return (
    <Dialog
      title={t("key.issue")}
      onCancel={props.onClose}
      onOk={form.submit}
      okButtonProps={{ loading: issue.isPending }}
    >
      <Form form={form} layout="vertical" onFinish={send}>
        <Form.Item label={t("key.label")} name="label" rules={required}>
          <Input autoFocus maxLength={200} placeholder={t("key.label_example")} />
        </Form.Item>
        <Form.Item label={t("key.role")} name="role" rules={required}>
          <Select
            options={props.roles.map((role) => ({
              value: role.name,
              label: `${code("team", role.name)}: ${code("team.does", role.name)}`,
            }))}
          />
        </Form.Item>
        <Refusal error={issue.error} />
      </Form>
    </Dialog>
  );
}

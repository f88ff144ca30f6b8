import { api, type Schemas } from "@tiao/api";
import { markSignedIn, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Card, Form, Input, Typography } from "antd";
import { Refusal } from "./Refusal";

/** Ask for a key. It is sent once; the browser then holds a session of its own. */
export default function SignIn({
  role,
  other,
}: {
  role: Schemas["SignedIn"]["role"];
  other: Schemas["SignedIn"] | null;
}) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const enter = api.useMutation("post", "/v1/session", {
    onSuccess: (who) => {
      markSignedIn(true);
      queries.setQueryData(api.queryOptions("get", "/v1/session", {}).queryKey, who);
      return queries.invalidateQueries();
    },
  });
  return (
    <main className="sign-in">
      <Card className="sign-in-card">
        <Typography.Title level={1}>{t(role === "merchant" ? "merchant.title_portal" : "ops.title")}</Typography.Title>
        {other && <Alert type="warning" showIcon title={t("sign_in.other_role", { role: code("role", other.role) })} />}
        <Form
          layout="vertical"
          onFinish={({ token }: { token: string }) => enter.mutate({ body: { token: token.trim() } })}
        >
          <Form.Item label={t("sign_in.key")} name="token" rules={[{ required: true, message: t("form.required") }]}>
            <Input.Password autoComplete="current-password" autoFocus placeholder="tiao_…" />
          </Form.Item>
          <Refusal error={enter.error} />
          <Button type="primary" htmlType="submit" block loading={enter.isPending}>
            {t("sign_in.enter")}
          </Button>
        </Form>
        <Typography.Paragraph type="secondary">{t("sign_in.note")}</Typography.Paragraph>
      </Card>
    </main>
  );
}

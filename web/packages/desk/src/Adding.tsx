// A form in a window that makes one thing: every list that can be added to uses this one.
import { useSpeech } from "@tiao/ui";
import { Alert, Form, Typography } from "antd";
import type { ReactNode } from "react";
import { Dialog } from "./Dialog";
import { Refusal } from "./Refusal";

export function Adding<Values extends object>(props: {
  title: string;
  initial?: Partial<Values>;
  isPending: boolean;
  error: unknown;
  onClose: () => void;
  onSend: (values: Values) => void;
  children: ReactNode;
}) {
  const [form] = Form.useForm<Values>();
  return (
    <Dialog
      title={props.title}
      onCancel={props.onClose}
      onOk={form.submit}
      okButtonProps={{ loading: props.isPending }}
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={props.initial ?? {}}
        onFinish={(values) => {
          if (!props.isPending) props.onSend(values);
        }}
      >
        {props.children}
        {/* Enter in any field sends. */}
        <input type="submit" hidden />
        <Refusal error={props.error} />
      </Form>
    </Dialog>
  );
}

/** What is shown this once and never again. */
export function Once(props: { title: string; text: string; token: string; onClose: () => void }) {
  const { t } = useSpeech();
  return (
    <Dialog
      title={props.title}
      onCancel={props.onClose}
      onOk={props.onClose}
      okText={t("once.kept")}
      cancelButtonProps={{ hidden: true }}
      closable={false}
      mask={{ closable: false }}
    >
      <div className="stack">
        <Alert type="warning" showIcon title={props.text} />
        <Typography.Paragraph copyable className="code">
          {props.token}
        </Typography.Paragraph>
      </div>
    </Dialog>
  );
}

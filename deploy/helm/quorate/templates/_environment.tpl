{{/* The settings of one service: (root, service), as a map of strings (docs/configuration.md). */}}
{{- define "quorate.environment" -}}
{{- $values := .root.Values -}}
{{- $component := .service.component -}}
{{- with .service -}}
{{- if eq $component "node" }}
NODE_ID: {{ .name | quote }}
{{- else }}
SERVICE_ID: {{ .name | quote }}
{{- end }}
KAFKA_BROKERS: {{ join "," $values.kafka.brokers | quote }}
KAFKA_SASL_USERNAME: {{ print $values.kafka.topicPrefix .name | quote }}
KAFKA_SASL_PASSWORD_FILE: /etc/quorate/own/kafka.password
{{- if $values.kafka.ca.configMap }}
KAFKA_SSL_CA: /etc/quorate/kafka/ca.pem
{{- end }}
{{- with $values.kafka.topicPrefix }}
TOPIC_PREFIX: {{ . | quote }}
{{- end }}
DATABASE_URL_FILE: /etc/quorate/own/database.url
DATABASE_MIGRATION_URL_FILE: /etc/quorate/own/database-migration.url
IDENTITY_KEY_FILE: /etc/quorate/own/identity.pem
PEERS_FILE: /etc/quorate/common/peers.json
LOG_LEVEL: {{ $values.logLevel }}
{{- with $values.tracing.endpoint }}
OTEL_EXPORTER_OTLP_ENDPOINT: {{ . | quote }}
{{- end }}
{{- if has $component (list "coordinator" "node") }}
GRPC_CA_FILE: /etc/quorate/common/ca.pem
GRPC_CERT_FILE: /etc/quorate/own/tls.pem
GRPC_KEY_FILE: /etc/quorate/own/tls.key.pem
{{- end }}
{{- if has $component (list "coordinator" "submitter") }}
REQUESTERS_FILE: /etc/quorate/common/requesters.json
{{- end }}
{{- if has $component (list "submitter" "auditor") }}
HTTP_TOKENS_FILE: /etc/quorate/own/http-tokens.json
{{- end }}
{{- if eq $component "node" }}
SEAL_KEY_FILE: /etc/quorate/own/seal-key.hex
POLICY_FILE: /etc/quorate/own/policy.json
COORDINATORS: {{ include "quorate.coordinators" $.root | quote }}
{{- end }}
{{- if eq $component "submitter" }}
CHAIN_ID: {{ $values.chain.id | quote }}
{{- if $values.chain.rpcUrlsFile }}
RPC_URLS_FILE: /etc/quorate/own/{{ $values.chain.rpcUrlsFile }}
{{- else }}
RPC_URLS: {{ join "," $values.chain.rpcUrls | quote }}
{{- end }}
{{- end }}
{{- range $name, $value := index $values.settings $component }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

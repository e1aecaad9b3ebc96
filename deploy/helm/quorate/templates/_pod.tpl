{{/* What every pod of the chart has: no rights in the cluster, an ordinary user, Secrets that only this user reads. */}}
{{- define "quorate.pod" -}}
automountServiceAccountToken: false
# No variables for the Services of the namespace: some would be taken for settings.
enableServiceLinks: false
terminationGracePeriodSeconds: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.scheduling.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.scheduling.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What every container has. */}}
{{- define "quorate.container" -}}
image: {{ include "quorate.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* Towards Kafka and Postgres. */}}
{{- define "quorate.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .Values.kafka.ca.configMap }}
- { name: kafka-ca, mountPath: /etc/quorate/kafka, readOnly: true }
{{- end }}
{{- if .Values.database.ca.configMap }}
- { name: database-ca, mountPath: /etc/quorate/database, readOnly: true }
{{- end }}
{{- end -}}

{{- define "quorate.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 16Mi }
{{- with .Values.kafka.ca }}
{{- if .configMap }}
- name: kafka-ca
  configMap:
    name: {{ .configMap }}
    items: [{ key: {{ .key }}, path: ca.pem }]
{{- end }}
{{- end }}
{{- with .Values.database.ca }}
{{- if .configMap }}
- name: database-ca
  configMap:
    name: {{ .configMap }}
    items: [{ key: {{ .key }}, path: ca.pem }]
{{- end }}
{{- end }}
{{- end -}}

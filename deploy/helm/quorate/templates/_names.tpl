{{/* The image, by digest where there is one. */}}
{{- define "quorate.image" -}}
{{- with .Values.image -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end -}}

{{/* What selects pods: (root, component), and one service: (root, component, name). */}}
{{- define "quorate.selector" -}}
app.kubernetes.io/name: quorate
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- with .name }}
quorate/kid: {{ . }}
{{- end }}
{{- end -}}

{{/* Labels of pods: (root, component, name). None that changes with the chart: every change of a pod is a restart. */}}
{{- define "quorate.podLabels" -}}
{{ include "quorate.selector" . }}
app.kubernetes.io/part-of: quorate
{{- end -}}

{{/* Labels of all other objects: (root, component, name). */}}
{{- define "quorate.labels" -}}
{{ include "quorate.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* Every service of the release: (component, app, entry) as JSON; refuses a name that is given twice. */}}
{{- define "quorate.services" -}}
{{- $services := list -}}
{{- $names := list -}}
{{- range $kind := list (list "coordinator" "coordinator" .Values.coordinators) (list "node" "mpc-worker" .Values.nodes) (list "submitter" "tx-submitter" .Values.submitters) (list "auditor" "auditor" .Values.auditors) -}}
  {{- range $entry := index $kind 2 -}}
    {{- if has $entry.name $names -}}
      {{- fail (printf "%s is there twice: every service has a name of its own" $entry.name) -}}
    {{- end -}}
    {{- $names = append $names $entry.name -}}
    {{- $secret := $entry.existingSecret | default (printf "quorate-%s" $entry.name) -}}
    {{- $services = append $services (dict "component" (index $kind 0) "app" (index $kind 1) "name" $entry.name "secret" $secret "nodeSelector" $entry.nodeSelector) -}}
  {{- end -}}
{{- end -}}
{{- $services | toJson -}}
{{- end -}}

{{/* Where the nodes find coordinators: host:port, with commas between them. */}}
{{- define "quorate.coordinators" -}}
{{- $addresses := list -}}
{{- range .Values.coordinators }}{{ $addresses = append $addresses (printf "%s:50051" .name) }}{{ end -}}
{{- $addresses = concat $addresses .Values.control.addresses -}}
{{- if not $addresses }}{{ fail "control.addresses: nodes need coordinators, and none is of this release" }}{{ end -}}
{{- join "," $addresses -}}
{{- end -}}

{{/* The ports of host:port entries, each once, as JSON. */}}
{{- define "quorate.ports" -}}
{{- $ports := list -}}
{{- range . }}{{ $ports = append $ports (regexFind "[0-9]+$" . | int) }}{{ end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

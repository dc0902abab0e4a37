"""What should stand where a secret stood, by store and language. A table, no code."""

ENV = {
    "python": 'os.environ["{{variable}}"]',
    "javascript": "process.env.{{variable}}",
    "typescript": "process.env.{{variable}}",
    "go": 'os.Getenv("{{variable}}")',
    "java": 'System.getenv("{{variable}}")',
    "csharp": 'Environment.GetEnvironmentVariable("{{variable}}")',
    "ruby": 'ENV.fetch("{{variable}}")',
    "php": "getenv('{{variable}}')",
    "bash": '"${{{variable}}:?}"',
    "kotlin": 'System.getenv("{{variable}}")',
    "rust": 'std::env::var("{{variable}}").expect("{{variable}} is not set")',
    "powershell": "$env:{{variable}}",
    "dotenv": "{{variable}}=",
    "dockerfile": "RUN --mount=type=secret,id={{slug}},env={{variable}}",
    "docker-compose": "${{{variable}}}",
    "kubernetes": "valueFrom: {secretKeyRef: {name: {{slug}}, key: {{variable}}}}",
    "terraform": "var.{{name}}",
    "github-actions": "${{ secrets.{{actions}} }}",
    "gitlab-ci": "${{variable}}",
    "yaml": "${{{variable}}}",
    "properties": "${{{variable}}}",
    "markdown": "${{variable}}",
}
"""The value comes from the environment."""

BY_FILE = {
    "pom.xml": "${env.{{variable}}}",
    "settings.xml": "${env.{{variable}}}",
    "nuget.config": "%{{variable}}%",
    "gradle.properties": "",  # Gradle replaces nothing there
}
"""Files (lower case) that name the environment in a way of their own."""

CONFIG = ("docker-compose", "kubernetes", "gitlab-ci", "dockerfile", "yaml", "properties", "dotenv", "markdown")
"""Kinds of file that read the environment whatever the store: something else fills it."""

AWS = {
    "python": 'boto3.client("secretsmanager").get_secret_value(SecretId="{{path}}")["SecretString"]',
    "javascript": "(await new SecretsManagerClient().send("
    'new GetSecretValueCommand({ SecretId: "{{path}}" }))).SecretString',
    "java": 'SecretsManagerClient.create().getSecretValue(request -> request.secretId("{{path}}")).secretString()',
    "csharp": "(await new AmazonSecretsManagerClient().GetSecretValueAsync("
    'new GetSecretValueRequest { SecretId = "{{path}}" })).SecretString',
    "ruby": 'Aws::SecretsManager::Client.new.get_secret_value(secret_id: "{{path}}").secret_string',
    "php": "(new Aws\\SecretsManager\\SecretsManagerClient(['region' => getenv('AWS_REGION')]))"
    "->getSecretValue(['SecretId' => '{{path}}'])['SecretString']",
    "bash": '"$(aws secretsmanager get-secret-value --secret-id {{path}} --query SecretString --output text)"',
    "terraform": "ephemeral.aws_secretsmanager_secret_version.{{name}}.secret_string",
    "github-actions": "${{ env.{{variable}} }}",
}

VAULT = {
    "python": 'hvac.Client().secrets.kv.v2.read_secret_version(path="{{path}}", raise_on_deleted_version=True)'
    '["data"]["data"]["value"]',
    "java": 'Vault.create(new VaultConfig().build()).logical().read("secret/{{path}}").getData().get("value")',
    "ruby": 'Vault.kv("secret").read("{{path}}").data.fetch(:value)',
    "bash": '"$(vault kv get -mount=secret -field=value {{path}})"',
    "terraform": "ephemeral.vault_kv_secret_v2.{{name}}.data.value",
    "github-actions": "${{ env.{{variable}} }}",
}

CONJUR = {
    "java": 'new Conjur().variables().retrieveSecret("{{path}}")',
    "bash": '"$(conjur variable get -i {{path}})"',
    "terraform": "ephemeral.conjur_secret.{{name}}.value",
    "github-actions": "${{ env.{{variable}} }}",
}

_FROM_ENVIRONMENT = {language: ENV[language] for language in CONFIG}

EXPRESSIONS = {
    "env": ENV,
    "aws": {**_FROM_ENVIRONMENT, **AWS, "typescript": AWS["javascript"]},
    "vault": {**_FROM_ENVIRONMENT, **VAULT},
    "conjur": {**_FROM_ENVIRONMENT, **CONJUR},
}
"""Store → language → the expression or line, with the placeholders of `snippets`."""

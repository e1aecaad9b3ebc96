import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'libs/threshold/assembly/**',
      'coverage/**',
      'node_modules/**',
      '.quorate/**',
      '**/*.mjs',
      '**/*.cjs',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.property.name='export'] Property[key.name='format'][value.value='jwk']",
          message: 'Node 20 may stand still for ever making a JWK: use identityJwk or publicKeyBytes.',
        },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['apps/*/src/**/*.module.ts', 'apps/*/src/**/*.controller.ts', 'apps/*/src/**/*.service.ts'],
    // Nest reads constructor parameter types at run time: they must stay value imports.
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['apps/cli/**', 'deploy/**', 'libs/*/examples/**', 'scripts/**', 'test/**'],
    rules: { 'no-console': 'off' },
  },
  prettier,
);

import { type ComponentChildren } from 'preact';

function Icon({ children }: { readonly children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const CopyIcon = () => (
  <Icon>
    <rect x="7" y="7" width="9.5" height="9.5" rx="2" />
    <path d="M13 7V5.5a2 2 0 0 0-2-2H5.5a2 2 0 0 0-2 2V11a2 2 0 0 0 2 2H7" />
  </Icon>
);

export const CheckIcon = () => (
  <Icon>
    <path d="m4.5 10.5 3.7 3.7 7.3-8" />
  </Icon>
);

export const CrossIcon = () => (
  <Icon>
    <path d="m5.5 5.5 9 9m0-9-9 9" />
  </Icon>
);

export const OpenIcon = () => (
  <Icon>
    <path d="M4.5 10h11" />
  </Icon>
);

export const SearchIcon = () => (
  <Icon>
    <circle cx="8.8" cy="8.8" r="5.3" />
    <path d="m12.8 12.8 4 4" />
  </Icon>
);

export const ShieldIcon = () => (
  <Icon>
    <path d="M10 2.5 4 4.8v4.7c0 3.8 2.5 6.7 6 8 3.5-1.3 6-4.2 6-8V4.8Z" />
  </Icon>
);

export const WarningIcon = () => (
  <Icon>
    <path d="M10 3 1.8 17h16.4ZM10 8v4m0 2.5v.1" />
  </Icon>
);

export const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path d="M16 8.5 23.5 21h-15Z" class="mark-lines" />
    <circle cx="16" cy="8.5" r="4" />
    <circle cx="8.5" cy="21.5" r="4" />
    <circle cx="23.5" cy="21.5" r="4" class="mark-third" />
  </svg>
);

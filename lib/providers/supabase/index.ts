export { Supabase, type StoredFile } from './client';
export { storageKey } from './keys';
export type { SupabaseAccess } from './request';

import { createRequire } from 'node:module';
import type * as Supabase from '@supabase/supabase-js';
import type axios from 'axios';
import type * as FilteringAgent from 'request-filtering-agent';

const load = createRequire(__filename);

// Only a call to a service needs these, and loading them takes longer than many a job.
export const loadAxios = () => load('axios') as typeof axios;
export const loadFilteringAgent = () => load('request-filtering-agent') as typeof FilteringAgent;
export const loadSupabase = () => load('@supabase/supabase-js') as typeof Supabase;
